import DataLoader from 'dataloader'
import type { GraphQLResolveInfo } from 'graphql'
import {
  countsOf,
  type Listing,
  type Page,
  type PageArgs,
  type Parent,
  pageCursor,
  pagesOf,
} from '#domain/page.ts'
import { columnsAsked } from './columns.ts'
import type { Context } from './context.ts'
import { kept } from './loader.ts'

interface ListLoaders<Row> {
  pages: DataLoader<Parent, Page<Row>, string>
  counts: DataLoader<Parent, number, string>
}

/**
 * One page of a parent's list, with what is asked of its items. The same field with the same arguments on other
 * parents of the operation shares its statement, so that a level costs one, however many parents it has. Nothing
 * is kept beyond that: a later mutation of the same operation sees what the earlier ones have done.
 */
export async function connectionOf<Row extends { id: string }>(
  context: Context,
  info: GraphQLResolveInfo,
  listing: Listing,
  parent: Parent,
  args: PageArgs,
) {
  const { pages, counts } = loadersOf<Row>(context, info, listing, args)
  const { rows, hasNextPage, hasPreviousPage } = await pages.load(parent)
  const edges = rows.map((node) => new Edge(listing, node))
  return {
    edges,
    pageInfo: new PageInfo(edges, hasNextPage, hasPreviousPage),
    totalCount: () => counts.load(parent),
  }
}

/** Its cursor is written where it is asked for: not every page's are. */
class Edge<Row extends { id: string }> {
  readonly node: Row
  readonly #listing: Listing

  constructor(listing: Listing, node: Row) {
    this.node = node
    this.#listing = listing
  }

  get cursor() {
    return pageCursor(this.#listing, this.node)
  }
}

class PageInfo {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly #edges: readonly { cursor: string }[]

  constructor(edges: readonly { cursor: string }[], hasNextPage: boolean, hasPreviousPage: boolean) {
    this.#edges = edges
    this.hasNextPage = hasNextPage
    this.hasPreviousPage = hasPreviousPage
  }

  get startCursor() {
    return this.#edges.at(0)?.cursor ?? null
  }

  get endCursor() {
    return this.#edges.at(-1)?.cursor ?? null
  }
}

function loadersOf<Row extends { id: string }>(
  context: Context,
  info: GraphQLResolveInfo,
  listing: Listing,
  args: PageArgs,
): ListLoaders<Row> {
  const columns = columnsAsked(info)
  const key = `${info.parentType.name}.${info.fieldName} ${columns} ${JSON.stringify(args)}`
  return kept(context, key, () => {
    const { store, viewer } = context
    const byId = { cacheKeyFn: (parent: Parent) => parent.id }
    const loaders: ListLoaders<Row> = {
      pages: new DataLoader((parents) => {
        loaders.pages.clearAll()
        return pagesOf<Row>(store, viewer, listing, parents, args, columns)
      }, byId),
      counts: new DataLoader((parents) => {
        loaders.counts.clearAll()
        return countsOf(store, viewer, listing, parents)
      }, byId),
    }
    return loaders
  })
}

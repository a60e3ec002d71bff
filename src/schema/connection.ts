import DataLoader from 'dataloader'
import {
  countsOf,
  type Listing,
  type Page,
  type PageArgs,
  type Parent,
  pageCursor,
  pagesOf,
} from '#domain/page.ts'
import type { Context } from './context.ts'

interface ListLoaders<Row> {
  pages: DataLoader<Parent, Page<Row>, string>
  counts: DataLoader<Parent, number, string>
}

const loaders = new WeakMap<Context, Map<string, ListLoaders<never>>>()

/**
 * One page of a parent's list. The same field with the same arguments on other parents of the operation
 * shares its statement, so that a level costs one, however many parents it has. Nothing is kept beyond that:
 * a later mutation of the same operation sees what the earlier ones have done.
 */
export async function connectionOf<Row extends { id: string }>(
  context: Context,
  field: string,
  listing: Listing,
  parent: Parent,
  args: PageArgs,
) {
  const { pages, counts } = loadersOf<Row>(context, `${field} ${JSON.stringify(args)}`, listing, args)
  const { rows, hasNextPage, hasPreviousPage } = await pages.load(parent)
  const edges = rows.map((node) => new Edge(listing, node))
  return {
    edges,
    pageInfo: {
      hasNextPage,
      hasPreviousPage,
      get startCursor() {
        return edges.at(0)?.cursor ?? null
      },
      get endCursor() {
        return edges.at(-1)?.cursor ?? null
      },
    },
    totalCount: () => counts.load(parent),
  }
}

/** Its cursor is written where it is asked for: not every page's are. */
class Edge<Row extends { id: string }> {
  readonly node: Row
  readonly listing: Listing

  constructor(listing: Listing, node: Row) {
    this.listing = listing
    this.node = node
  }

  get cursor() {
    return pageCursor(this.listing, this.node)
  }
}

function loadersOf<Row extends { id: string }>(
  context: Context,
  key: string,
  listing: Listing,
  args: PageArgs,
): ListLoaders<Row> {
  const own = loaders.get(context) ?? new Map<string, ListLoaders<never>>()
  loaders.set(context, own)
  const { store, viewer } = context
  const byId = { cacheKeyFn: (parent: Parent) => parent.id }
  const existing = own.get(key) as ListLoaders<Row> | undefined
  if (existing) return existing
  const made: ListLoaders<Row> = {
    pages: new DataLoader((parents) => {
      made.pages.clearAll()
      return pagesOf<Row>(store, viewer, listing, parents, args)
    }, byId),
    counts: new DataLoader((parents) => {
      made.counts.clearAll()
      return countsOf(store, viewer, listing, parents)
    }, byId),
  }
  own.set(key, made as unknown as ListLoaders<never>)
  return made
}

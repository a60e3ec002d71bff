import { expect } from 'vitest'
import type { House } from '../kit/story.ts'

interface PageArgs {
  first?: number
  after?: string | null
  last?: number
  before?: string | null
}

interface Connection {
  totalCount: number
  edges: { cursor: string; node: { id: string } }[]
  pageInfo: {
    hasNextPage: boolean
    hasPreviousPage: boolean
    startCursor: string | null
    endCursor: string | null
  }
}

/** What every walked list selects. */
export const CONNECTION =
  '{ totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }'

/** The variables of a page, and how a field takes them. */
export const PAGE_VARIABLES = '$first: Int, $after: String, $last: Int, $before: String'
export const PAGE_ARGS = 'first: $first, after: $after, last: $last, before: $before'

export type List = (args: PageArgs) => Promise<Connection>

export interface WalkOptions {
  size: number
  backwards?: boolean
  /** What happens between one page and the next. */
  between?: (page: number) => Promise<unknown>
}

/** The ids of a whole list in its order, fetched page by page; each page must say truly where it stands. */
export async function walk(list: List, { size, backwards = false, between }: WalkOptions): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | null = null
  for (let page = 0; ; page++) {
    const { edges, pageInfo } = await list(
      backwards ? { last: size, before: cursor } : { first: size, after: cursor },
    )
    const own = edges.map((edge) => edge.node.id)
    expect(pageInfo.startCursor).toBe(edges.at(0)?.cursor ?? null)
    expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor ?? null)
    const { hasNextPage, hasPreviousPage } = pageInfo
    expect(backwards ? hasNextPage : hasPreviousPage, `page ${page} lies after others`).toBe(page > 0)
    expect(
      own.filter((id) => ids.includes(id)),
      'no item is met twice',
    ).toEqual([])
    if (backwards) ids.unshift(...own)
    else ids.push(...own)
    if (!(backwards ? hasPreviousPage : hasNextPage)) return ids
    expect(own, 'a page before the last is full').toHaveLength(size)
    cursor = backwards ? pageInfo.startCursor : pageInfo.endCursor
    await between?.(page)
  }
}

/** Walks the list with every page size, both ways: each time it must be exactly these items in this order. */
export async function expectOrder(list: List, ids: string[], sizes = [1, 2, 3, 4, 5, 6, 7]) {
  expect((await list({ first: 0 })).totalCount).toBe(ids.length)
  for (const size of sizes) {
    expect(await walk(list, { size }), `forwards by ${size}`).toEqual(ids)
    expect(await walk(list, { size, backwards: true }), `backwards by ${size}`).toEqual(ids)
  }
}

/** A list of the thing with this id. */
export const listOf =
  (of: House, id: string, type: string, field: string, args = ''): List =>
  async (page) => {
    const query = `query ($id: ID!, ${PAGE_VARIABLES}) {
      node(id: $id) { ... on ${type} { ${field}(${PAGE_ARGS} ${args}) ${CONNECTION} } } }`
    return (await of.ask(query, { id, ...page })).node[field]
  }

import { type RawBuilder, sql } from 'kysely'
import { prepared, type Rows } from '#db/prepared.ts'
import { idList, idRows, jsonObject, listedRows } from '#db/rows.ts'
import type { Tables } from '#db/tables.ts'
import { type Permission, refusalOf, type Viewer } from './access.ts'
import { Refusal } from './errors.ts'
import { type IdType, typeOfId } from './ids.ts'
import type { Limits } from './limits.ts'
import type { Store } from './store.ts'

export interface PageArgs {
  first?: number | null | undefined
  after?: string | null | undefined
  last?: number | null | undefined
  before?: string | null | undefined
}

export interface Page<Row> {
  rows: Row[]
  hasNextPage: boolean
  hasPreviousPage: boolean
}

/** What lists hold, by table. */
const listed = {
  organizations: 'Organization',
  integrations: 'Integration',
  portals: 'Portal',
  invites: 'Invite',
  access_grants: 'AccessGrant',
  portal_openings: 'PortalOpening',
  guest_invitations: 'GuestInvitation',
  member_invitations: 'MemberInvitation',
  join_links: 'JoinLink',
  api_keys: 'ApiKey',
  memberships: 'Membership',
  organization_connections: 'OrganizationConnection',
  activities: 'Activity',
} satisfies Partial<Record<keyof Tables, IdType>>

/** A list that each of several parents has: `from` and `where` name its rows, one per item. */
export interface Listing {
  /** What is needed to read it; null where the parent is the viewer. */
  permission: Permission | null
  /** The table of the items. */
  items: keyof typeof listed
  /** Tables to list from; the items' own unless said otherwise. */
  from: RawBuilder<unknown>
  /** The column in `from` that holds the parent's id, or those of which any does. */
  parent: RawBuilder<unknown> | RawBuilder<unknown>[]
  /** The column in `from` that holds the item's id, by which ties are ordered. */
  id: RawBuilder<unknown>
  /** What the list is ordered by before the id, if by anything: never null. */
  order?: { name: string; value: RawBuilder<number | string> }
  descending: boolean
  filters: RawBuilder<unknown>[]
}

/** A row of a page's statement: the ids of the items by parent, as JSON; or an item, once for all pages. */
type Listed = { id: string; pages: string | null; order_of_item?: number | string | null }

/** The number of items asked for; refuses what is out of bounds instead of cutting it. */
export function checkedSize(limits: Limits, name: 'first' | 'last', size: number | null | undefined): number {
  if (size == null) return limits.defaultPageSize
  if (size < 0 || size > limits.pageSize) {
    throw new Refusal('BAD_USER_INPUT', `\`${name}\` must be between 0 and ${limits.pageSize}.`)
  }
  return size
}

/** What a list hangs on, with the organization in which it must be allowed to be read. */
export interface Parent {
  id: string
  organization_id: string
}

/**
 * One page of the listing for each parent, all in one statement, whatever their number; an error for each
 * parent whose list the viewer may not read. Pages are keyset pages: they neither skip nor repeat rows
 * that stay while others come and go. Of their items only these columns are read, `id` among them; all where
 * it is null.
 */
export async function pagesOf<Row extends { id: string }>(
  store: Store,
  viewer: Viewer,
  listing: Listing,
  parents: readonly Parent[],
  args: PageArgs,
  columns: readonly string[] | null,
): Promise<(Page<Row> | Error)[]> {
  if (args.first != null && args.last != null) {
    throw new Refusal('BAD_USER_INPUT', 'Pass `first` or `last`, not both.')
  }
  const backward = args.last != null
  const size = checkedSize(store.limits, backward ? 'last' : 'first', args.last ?? args.first)
  const after = args.after == null ? undefined : parseCursor(args.after, listing)
  const before = args.before == null ? undefined : parseCursor(args.before, listing)
  const read = reading<Row>(listing, columns, backward, after !== undefined, before !== undefined)
  return forEachReadable(viewer, listing, parents, async (parentIds) => {
    const [afterId, afterValue] = after ?? []
    const [beforeId, beforeValue] = before ?? []
    const rows = await read(store.db, { parentIds, size, afterId, afterValue, beforeId, beforeValue })
    const pages: Record<string, string[]> = JSON.parse(rows[0]?.pages ?? '{}')
    const items = new Map<string, Row>()
    for (const row of rows) items.set(row.id, row)
    return parentIds.map((parentId) => {
      const ids = pages[parentId] ?? []
      const more = ids.length > size
      if (more) ids.pop()
      if (backward) ids.reverse()
      return {
        rows: ids.map((id) => items.get(id) as Row),
        hasNextPage: backward ? args.before != null : more,
        hasPreviousPage: backward ? more : args.after != null,
      }
    })
  })
}

/** What a page's statement takes: the rest depends on its listing alone. */
interface Bounds {
  parentIds: readonly string[]
  size: number
  afterId: unknown
  afterValue: unknown
  beforeId: unknown
  beforeValue: unknown
}

type Reading<Row> = (db: Store['db'], bounds: Bounds) => Rows<Row & Listed>

const KEPT_READINGS = 100
const readings = new WeakMap<Listing, Map<string, Reading<never>>>()

/**
 * The statement for a page of the listing; that of one that is not made anew for each page is kept. It reads
 * what stands in many pages once, and only ids until it is known which they are: SQLite would copy every
 * column of every row into its sorter. Nothing equals null: the join lends the pages the items' columns, empty.
 */
function reading<Row>(
  listing: Listing,
  columns: readonly string[] | null,
  backward: boolean,
  isAfter: boolean,
  isBefore: boolean,
): Reading<Row> {
  const own = readings.get(listing) ?? new Map<string, Reading<never>>()
  readings.set(listing, own)
  const kind = `${backward} ${isAfter} ${isBefore} ${columns}`
  const known = own.get(kind) as Reading<Row> | undefined
  if (known) return known
  const direction = listing.descending !== backward ? sql`desc` : sql`asc`
  const order = listing.order?.value
  const item = columns ? sql.join(columns.map((column) => sql.ref(`item.${column}`))) : sql`item.*`
  const made = prepared<Bounds, Row & Listed>((_, value) => {
    const conditions = [
      ...listing.filters,
      ...(isAfter ? [beyond(listing, listing.descending, value('afterId'), value('afterValue'))] : []),
      ...(isBefore ? [beyond(listing, !listing.descending, value('beforeId'), value('beforeValue'))] : []),
    ]
    const ordered = order ? sql`place ${direction}, id ${direction}` : sql`id ${direction}`
    return sql<Row & Listed>`
      with pages as materialized (
        select parent.value as page_of, (
          select ${idList} from (
            select ${listing.id} as id ${order ? sql`, ${order} as place` : sql``} from ${listing.from}
            where ${hangsOn(listing)} ${and(conditions)}
            order by ${ordered}
            limit ${value('size')} + 1
          )
        ) as ids
        from ${idRows(value('parentIds'))} as parent
      )
      select (select ${jsonObject('page_of', 'ids')} from pages) as pages,
        ${order ? sql`null as order_of_item,` : sql``} ${item}
      from (select 1) left join ${sql.table(listing.items)} as item on item.id = null
      union all
      select null, ${order ? sql`${order},` : sql``} ${item} from ${sql.table(listing.items)} as item
      where item.id in (select listed.value from pages, ${listedRows('pages.ids')} as listed
        where listed.key < ${value('size')})`
  })
  // Whoever asks says which columns: there is no end of their sets.
  if (own.size === KEPT_READINGS) own.clear()
  own.set(kind, made as Reading<never>)
  return made
}

/** How many items each parent has, whatever the page. */
export const countsOf = (store: Store, viewer: Viewer, listing: Listing, parents: readonly Parent[]) =>
  forEachReadable(viewer, listing, parents, async (parentIds) => {
    const { rows } = await sql<{ parent: string; count: number }>`
      select parent.value as parent, (
        select count(*) from ${listing.from} where ${hangsOn(listing)} ${and(listing.filters)}
      ) as count
      from ${idRows(parentIds)} as parent`.execute(store.db)
    const counts = new Map(rows.map((row) => [row.parent, row.count]))
    return parentIds.map((parentId) => counts.get(parentId) ?? 0)
  })

async function forEachReadable<Result>(
  viewer: Viewer,
  listing: Listing,
  parents: readonly Parent[],
  read: (parentIds: string[]) => Promise<Result[]>,
): Promise<(Result | Error)[]> {
  const { permission } = listing
  const refusals = parents.map(
    (parent) => permission && (refusalOf(viewer, permission, parent.organization_id) ?? null),
  )
  const readable = parents.filter((_, index) => !refusals[index]).map((parent) => parent.id)
  const results = (readable.length > 0 ? await read(readable) : []).values()
  return refusals.map((refusal) => refusal ?? (results.next().value as Result))
}

/** Where a row of a page stands in its list, as clients keep it. */
export function pageCursor(listing: Listing, row: { id: string }): string {
  const { order_of_item: value } = row as Partial<Listed>
  const position = listing.order ? [row.id, value, listing.order.name] : [row.id]
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

const hangsOn = ({ parent }: Listing) =>
  sql`(${sql.join(
    [parent].flat().map((column) => sql`${column} = parent.value`),
    sql` or `,
  )})`

const and = (conditions: RawBuilder<unknown>[]) =>
  conditions.length > 0 ? sql`and ${sql.join(conditions, sql` and `)}` : sql``

/** The rows beyond a place: after it where the list ascends, before it where it descends. */
function beyond(listing: Listing, descending: boolean, id: unknown, value: unknown): RawBuilder<unknown> {
  const than = descending ? sql`<` : sql`>`
  if (!listing.order) return sql`${listing.id} ${than} ${id}`
  return sql`(${listing.order.value}, ${listing.id}) ${than} (${value}, ${id})`
}

function parseCursor(cursor: string, { items, order }: Listing): [string, unknown] {
  const [id, value, name] = partsOf(cursor)
  const fits = order
    ? name === order.name && ['number', 'string'].includes(typeof value)
    : value === undefined
  if (fits && typeof id === 'string' && typeOfId(id) === listed[items]) return [id, value]
  throw new Refusal('BAD_USER_INPUT', 'This is not a cursor of this list in this order.')
}

/** The list that a cursor is, as base64url of JSON; an empty one where it is none. */
export function partsOf(cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(parts) ? parts : []
  } catch {
    return []
  }
}

import { sql } from 'kysely'
import { authorize, type Viewer } from './access.ts'
import { AmbiguousNameError, NotFoundError } from './errors.ts'
import { containing, nameKey } from './names.ts'
import type { Listing, Parent } from './page.ts'
import type { Store } from './store.ts'

export const nameMatches = ['EXACT', 'FUZZY'] as const

export interface NameLookup {
  name: string
  /** EXACT: equal as names are compared. FUZZY: contains the text. */
  match: (typeof nameMatches)[number]
}

/** As many candidates as an ambiguous name shows. */
const CANDIDATES = 20

/** The one item of the listing whose name answers; a blank name answers to nothing. */
export async function lookUpName<Row extends { id: string }>(
  store: Store,
  viewer: Viewer,
  listing: Listing,
  parent: Parent,
  { name, match }: NameLookup,
): Promise<Row> {
  if (listing.permission) authorize(viewer, listing.permission, parent.organization_id)
  const matching =
    match === 'EXACT' ? sql`name_key = ${nameKey(name)}` : sql`name_key like ${containing(name)} escape '\\'`
  const { rows } = nameKey(name)
    ? await sql<Row>`
        select * from ${listing.from} where ${listing.parent} = ${parent.id} and ${matching}
        order by ${listing.id} limit ${CANDIDATES}`.execute(store.db)
    : { rows: [] }
  const [row, ...others] = rows
  if (!row) throw new NotFoundError('Nothing here answers to this name.')
  if (others.length > 0) {
    throw new AmbiguousNameError(
      'More than one answers to this name: use the id of one of the candidates.',
      rows,
    )
  }
  return row
}

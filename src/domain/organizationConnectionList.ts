import { sql } from 'kysely'
import { idRows } from '#db/rows.ts'
import type { OrganizationConnection } from '#db/tables.ts'
import { organizationsOf, refusalOf, type Viewer } from './access.ts'
import type { Listing } from './page.ts'
import type { Store } from './store.ts'

/** The connections of an organization, asked for and accepted, newest first. */
export const connectionsOf: Listing = {
  permission: 'connection:read',
  items: 'organization_connections',
  from: sql`organization_connections`,
  parent: [sql.ref('host_id'), sql.ref('guest_id')],
  id: sql.ref('organization_connections.id'),
  descending: true,
  filters: [],
}

/** The connections with these ids, as far as the viewer's organization is on one of their sides. */
export async function findConnections(
  store: Store,
  viewer: Viewer,
  ids: readonly string[],
): Promise<(OrganizationConnection | null)[]> {
  const organizations = idRows(organizationsOf(viewer, 'connection:read'))
  const { rows } = await sql<OrganizationConnection>`
    select * from organization_connections where id in (select value from ${idRows(ids)}) and
      (host_id in (select value from ${organizations}) or guest_id in (select value from ${organizations}))
  `.execute(store.db)
  const found = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => found.get(id) ?? null)
}

export interface OrganizationProfile {
  id: string
  /** Null while it was only asked to be connected: asking shows nothing of the asked. */
  name: string | null
}

/** What may be known of the organizations at both ends of the viewer's connections. */
export async function profilesOf(
  store: Store,
  viewer: Viewer,
  ids: readonly string[],
): Promise<(OrganizationProfile | Error)[]> {
  const refusal = refusalOf(viewer, 'connection:read')
  if (refusal) return ids.map(() => refusal)
  const organizations = idRows(organizationsOf(viewer, 'connection:read'))
  const { rows } = await sql<OrganizationProfile>`
    select id, name from organizations where id in (select value from ${idRows(ids)}) and (
      id in (select value from ${organizations})
      or id in (select host_id from organization_connections where guest_id in (select value from ${organizations}))
      or id in (
        select guest_id from organization_connections
        where host_id in (select value from ${organizations}) and accepted_at is not null
      )
    )`.execute(store.db)
  const found = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => found.get(id) ?? { id, name: null })
}

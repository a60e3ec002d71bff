import { sql } from 'kysely'
import { prepared } from '#db/prepared.ts'
import { idRows } from '#db/rows.ts'
import type { Tables } from '#db/tables.ts'
import { organizationsOf, type Permission, type Viewer } from './access.ts'
import { type IdType, typeOfId } from './ids.ts'
import type { Store } from './store.ts'

/** The tables whose rows can be looked up by id, and what is needed to see one. */
const permissions = {
  organizations: 'organization:read',
  integrations: 'integration:read',
  portals: 'portal:read',
  invites: 'invite:read',
  access_grants: 'grant:read',
  portal_openings: 'opening:read',
  guest_invitations: 'guestInvitation:read',
  member_invitations: 'memberInvitation:read',
  join_links: 'joinLink:read',
  memberships: 'member:read',
  activities: 'activity:read',
} satisfies Partial<Record<keyof Tables, Permission>>

export type Lookup = keyof typeof permissions

/**
 * The rows with these ids, in their order; null for each that is not there or not the viewer's to see.
 * This is the one door by which anything is found by its id.
 */
export async function findByIds<Row extends { id: string }>(
  { db }: Pick<Store, 'db'>,
  viewer: Viewer,
  table: Lookup,
  ids: readonly string[],
): Promise<(Row | null)[]> {
  const organizations = organizationsOf(viewer, permissions[table])
  if (organizations.length === 0) return ids.map(() => null)
  const rows = (await byIds(table)(db, { ids, organizations })) as Row[]
  const found = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => found.get(id) ?? null)
}

type ByIds = { ids: readonly string[]; organizations: readonly string[] }
const lookups = new Map<Lookup, ReturnType<typeof prepared<ByIds, unknown>>>()

function byIds(table: Lookup) {
  const known = lookups.get(table)
  if (known) return known
  const owner = sql.ref(table === 'organizations' ? 'id' : 'organization_id')
  const lookup = prepared<ByIds, unknown>(
    (_, value) => sql`
      select * from ${sql.table(table)}
      where id in (select value from ${idRows(value('ids'))})
        and ${owner} in (select value from ${idRows(value('organizations'))})`,
  )
  lookups.set(table, lookup)
  return lookup
}

/** Where the things are that can stand in the way, or change under somebody's hands. */
const changeable: Partial<Record<IdType, Lookup>> = {
  Invite: 'invites',
  GuestInvitation: 'guest_invitations',
  MemberInvitation: 'member_invitations',
  JoinLink: 'join_links',
  Membership: 'memberships',
  Organization: 'organizations',
}

/** What has this id, and the viewer may see. */
export async function findById(store: Pick<Store, 'db'>, viewer: Viewer, id: string) {
  const type = typeOfId(id)
  const table = type && changeable[type]
  const [found] = table ? await findByIds<{ id: string }>(store, viewer, table, [id]) : []
  return found ?? null
}

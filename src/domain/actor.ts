import { sql } from 'kysely'
import { idRows } from '#db/rows.ts'
import type { ApiKey, User } from '#db/tables.ts'
import { organizationsOf, type Viewer } from './access.ts'
import type { Store } from './store.ts'

const selfOf = (viewer: Viewer) => (viewer.kind === 'anonymous' ? '' : viewer.actorId)

/** The users with these ids: the viewer, and the members, present and past, that they may see. */
export async function findUsers(
  store: Store,
  viewer: Viewer,
  ids: readonly string[],
): Promise<(User | null)[]> {
  const { rows } = await sql<User>`
    select * from users where id in (select value from ${idRows(ids)}) and (id = ${selfOf(viewer)} or id in (
      select user_id from memberships
      where organization_id in (select value from ${idRows(organizationsOf(viewer, 'member:read'))})
    ))`.execute(store.db)
  return inOrder(rows, ids)
}

/** The keys with these ids: the viewer's own, and those that they may see. */
export async function findApiKeys(
  store: Store,
  viewer: Viewer,
  ids: readonly string[],
): Promise<(ApiKey | null)[]> {
  const { rows } = await sql<ApiKey>`
    select * from api_keys where id in (select value from ${idRows(ids)}) and (id = ${selfOf(viewer)} or
      organization_id in (select value from ${idRows(organizationsOf(viewer, 'apiKey:read'))})
    )`.execute(store.db)
  return inOrder(rows, ids)
}

function inOrder<Row extends { id: string }>(rows: Row[], ids: readonly string[]): (Row | null)[] {
  const found = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => found.get(id) ?? null)
}

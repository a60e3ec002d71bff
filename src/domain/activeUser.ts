import { sql } from 'kysely'
import { idRows } from '#db/rows.ts'
import type { User } from '#db/tables.ts'
import { organizationsOf, type Viewer } from './access.ts'
import type { Store } from './store.ts'

/** Whether the user has shown themselves: by an address that can be written to, or because they have signed in. */
export const isKnown = ({ email, issuer }: Pick<User, 'email' | 'issuer'>) => email !== null || issuer !== ''

/**
 * Which of these users can come in now: those who are known, and members of an organization whose members
 * the viewer may see; of the viewer, of any.
 */
export async function activeUsers(
  { db }: Pick<Store, 'db'>,
  viewer: Viewer,
  users: readonly User[],
): Promise<boolean[]> {
  const self = viewer.kind === 'anonymous' ? '' : viewer.actorId
  const { rows } = await sql<{ user_id: string }>`
    select distinct user_id from memberships
    where user_id in (select value from ${idRows(users.map(({ id }) => id))}) and removed_at is null
      and (user_id = ${self} or organization_id in (
        select value from ${idRows(organizationsOf(viewer, 'member:read'))}
      ))`.execute(db)
  const members = new Set(rows.map((row) => row.user_id))
  return users.map((user) => isKnown(user) && members.has(user.id))
}

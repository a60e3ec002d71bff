import { sql } from 'kysely'
import type { MemberInvitation } from '#db/tables.ts'
import { isSignedIn, may, mayGrant, permissions, type Role, type SignedIn, type Viewer } from './access.ts'
import { keyById, keyRole } from './apiKey.ts'
import { type InputIssue, Refusal } from './errors.ts'
import { typeOfId } from './ids.ts'
import type { Closed } from './invitation.ts'
import type { Store } from './store.ts'
import { roleOf } from './user.ts'

/** Nobody gives a role that may do what they, with the scopes of their key, may not. */
export function roleFaults(actor: SignedIn, role: Role | null | undefined, path = 'role'): InputIssue[] {
  if (!role) return []
  const wider = permissions.some(
    (permission) => may({ ...actor, role, scopes: null }, permission) && !may(actor, permission),
  )
  if (mayGrant(actor.role, role) && !wider) return []
  const who = mayGrant(actor.role, role) ? 'The scopes of your key' : `Your role ${actor.role}`
  return [{ path: [path], message: `${who} cannot give the role ${role}.` }]
}

/** The same for what only those may do who could give the role; nothing for those who may do nothing at all. */
export function roleRefusal(viewer: Viewer, role: Role): Refusal | undefined {
  const [fault] = isSignedIn(viewer) ? roleFaults(viewer, role) : []
  return fault && new Refusal('FORBIDDEN', fault.message)
}

/**
 * Whether whoever gave the role last may still give it: as the member that they now are, or as a key that nobody
 * revoked, and whose makers may. That a key has run out, or was replaced by another, takes nothing back.
 */
async function stillGrants(
  store: Pick<Store, 'db'>,
  { granted_by, organization_id, role }: Pick<MemberInvitation, 'granted_by' | 'organization_id' | 'role'>,
): Promise<boolean> {
  const granted = roleOf({ role })
  const key = typeOfId(granted_by) === 'ApiKey' ? await keyById(store, granted_by) : undefined
  if (key && (key.revoked_at !== null || !mayGrant(keyRole(key), granted))) return false
  const makers = await standingBehind(store, granted_by, organization_id)
  return makers.every(({ role: now }) => now !== null && mayGrant(roleOf({ role: now }), granted))
}

/** That the role of an invitation can be given no more, where that is so. */
export const grantLapsed = async (
  store: Pick<Store, 'db'>,
  invitation: Parameters<typeof stillGrants>[1],
): Promise<Closed | undefined> =>
  (await stillGrants(store, invitation)) ? undefined : { reason: 'ROLE_NOT_GRANTABLE' }

/**
 * What the people behind a user or a key are in the organization; null for those who are no members. A key
 * may have been made with a key: what counts is who made the first of them.
 */
export async function standingBehind({ db }: Pick<Store, 'db'>, actorId: string, organizationId: string) {
  const { rows } = await sql<{ role: string | null; access_type: string | null }>`
    with recursive makers (id) as (
      select cast(${actorId} as text)
      union
      select api_keys.created_by from api_keys join makers on api_keys.id = makers.id
    )
    select role, access_type from makers join users on users.id = makers.id
    left join memberships on user_id = users.id and organization_id = ${organizationId}
      and removed_at is null`.execute(db)
  return rows
}

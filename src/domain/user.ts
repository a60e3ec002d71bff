import type { Membership, User } from '#db/tables.ts'
import { type Role, roles, type Viewer } from './access.ts'
import { Refusal } from './errors.ts'
import { newId } from './ids.ts'
import { emailKey, normalizeEmail } from './names.ts'
import type { Store } from './store.ts'
import { signedInUser } from './userAdoption.ts'

export const accessTypes = ['WEB', 'API', 'ALL'] as const
export type AccessType = (typeof accessTypes)[number]

/** Whom an identity provider says a caller is. */
export interface Identity {
  issuer: string
  subject: string
  email: string | null
  emailVerified: boolean
  name: string | null
}

/**
 * Who calls with this identity, for the organization that they name; without a name, for the only one that
 * they are a member of. Somebody who is seen for the first time becomes a user.
 */
export async function viewerOfIdentity(
  store: Store,
  identity: Identity,
  requesterId: string | undefined,
): Promise<Viewer> {
  const user = await userOf(store, identity)
  const memberships = await store.db
    .selectFrom('memberships')
    .selectAll()
    .where('user_id', '=', user.id)
    .where('removed_at', 'is', null)
    .$if(requesterId !== undefined, (query) => query.where('organization_id', '=', requesterId ?? ''))
    .orderBy('id')
    .execute()
  const usable = memberships.filter(({ access_type }) => access_type !== 'API')
  const [membership, another] = usable
  if (!membership) {
    // Who is a member by API keys only may still answer other invitations.
    if (requesterId === undefined) return { kind: 'newcomer', actorId: user.id }
    if (memberships.length > 0) {
      throw new Refusal('FORBIDDEN', 'This membership is for API keys only, not for signing in.')
    }
    throw new Refusal(
      'FORBIDDEN',
      'Requester-Organization-ID names an organization that you are not a member of.',
    )
  }
  if (another) {
    throw new Refusal(
      'BAD_USER_INPUT',
      'You are a member of several organizations: name one of `organizationIds` by Requester-Organization-ID.',
      { organizationIds: usable.map((each) => each.organization_id) },
    )
  }
  return {
    kind: 'user',
    actorId: user.id,
    organizationId: membership.organization_id,
    role: roleOf(membership),
    scopes: null,
  }
}

/** The user with this identity, made, adopted or brought up to date where that is needed. */
async function userOf(store: Store, identity: Identity): Promise<User> {
  const email = identity.emailVerified && identity.email ? normalizeEmail(identity.email) : null
  const known = await store.db
    .selectFrom('users')
    .selectAll()
    .where('issuer', '=', identity.issuer)
    .where('subject', '=', identity.subject)
    .executeTakeFirst()
  // Not every token carries a name; that it does not is no news of it. That an address is verified must be said.
  const name = identity.name ?? known?.name ?? null
  if (known && known.email === email && known.name === name) return known
  return store.write((tx) =>
    signedInUser(tx, {
      id: newId('User'),
      issuer: identity.issuer,
      subject: identity.subject,
      email,
      email_key: email && emailKey(email),
      name,
      created_at: tx.now,
    }),
  )
}

/** Whether the user is still a member, in the role that they called with. */
export async function isStillMember(
  store: Pick<Store, 'db'>,
  userId: string,
  organizationId: string,
  role: Role,
) {
  const membership = await store.db
    .selectFrom('memberships')
    .select(['role', 'access_type'])
    .where('user_id', '=', userId)
    .where('organization_id', '=', organizationId)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
  return membership?.role === role && membership.access_type !== 'API'
}

export function roleOf({ role }: Pick<Membership, 'role'>): Role {
  const known = roles.find((candidate) => candidate === role)
  if (!known) throw new Error(`There is no role ${role}.`)
  return known
}

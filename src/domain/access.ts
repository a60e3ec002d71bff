import { Refusal } from './errors.ts'

/**
 * What members and keys may be. OPERATOR runs the installation: it founds organizations and their first
 * keys, and sees nothing of what is in them.
 */
export const roles = ['ORG_ADMIN', 'PORTAL_ADMIN', 'ORG_MEMBER', 'ORG_VIEWER', 'GUEST', 'OPERATOR'] as const
export type Role = (typeof roles)[number]

const A = 'ORG_ADMIN'
const P = 'PORTAL_ADMIN'
const M = 'ORG_MEMBER'
const V = 'ORG_VIEWER'
const O = 'OPERATOR'

/** The whole policy: who may do what within their organization. What a token alone allows needs no row. */
const policy = {
  'organization:read': [A, P, M, V, O],
  'organization:create': [A, O],
  'integration:read': [A, P, M, V],
  'integration:create': [A, P],
  'portal:read': [A, P, M, V],
  'portal:create': [A, P],
  'invite:read': [A, P, M, V],
  'invite:create': [A, P, M],
  'invite:update': [A, P, M],
  'invite:revoke': [A, P, M],
  'grant:read': [A, P, M, V],
  'opening:read': [A, P, M, V],
  'guestInvitation:read': [A, P, M, V],
  'guestInvitation:create': [A],
  'guestInvitation:update': [A],
  'guestInvitation:revoke': [A],
  'guestInvitation:acceptFor': [A],
  'memberInvitation:read': [A, P, M, V],
  'memberInvitation:create': [A],
  'memberInvitation:update': [A],
  'memberInvitation:revoke': [A],
  'joinLink:read': [A, P, M, V],
  'joinLink:create': [A],
  'joinLink:update': [A],
  'joinLink:revoke': [A],
  'event:read': [A, P, M, V],
  'apiKey:read': [A],
  'apiKey:create': [A],
  'apiKey:revoke': [A],
  'member:read': [A, P, M, V],
  'member:update': [A],
  'member:remove': [A],
  'member:welcome': [A],
  'connection:read': [A, P, M, V],
  'connection:request': [A],
  'connection:accept': [A],
  'connection:disconnect': [A],
  'activity:read': [A],
  'organization:update': [A],
} as const satisfies Record<string, readonly Role[]>

export type Permission = keyof typeof policy
export const permissions = Object.keys(policy) as Permission[]

/** What somebody must be allowed: this, or all of these. */
export type Needed = Permission | readonly [Permission, ...Permission[]]

/** What connected organizations may always do with each other. */
const CONNECTED: readonly Permission[] = [
  'organization:read',
  'integration:read',
  'portal:read',
  'guestInvitation:read',
]

/**
 * What it takes to be shown the link of a guest invitation: whoever has it may accept it themselves, for a
 * new organization, and then do all that connected organizations may.
 */
export const toShowGuestLink = (permission: Permission): Needed => [permission, ...CONNECTED]

/** What no connection can allow: it is done for oneself only. */
const OWN_ONLY: readonly Permission[] = [
  'organization:create',
  'guestInvitation:create',
  'guestInvitation:update',
  'guestInvitation:revoke',
  'guestInvitation:acceptFor',
  'memberInvitation:create',
  'memberInvitation:update',
  'memberInvitation:revoke',
  'joinLink:create',
  'joinLink:update',
  'joinLink:revoke',
  'apiKey:read',
  'apiKey:create',
  'apiKey:revoke',
  'member:update',
  'member:remove',
  'member:welcome',
  'connection:request',
  'connection:accept',
  'connection:disconnect',
  'activity:read',
  'organization:update',
]

/** What a connection's scopes may add to reading. */
export const delegable = permissions.filter(
  (permission) => !CONNECTED.includes(permission) && !OWN_ONLY.includes(permission),
)

/** Who makes a call, and for which organization. */
export type Viewer = Anonymous | Newcomer | SignedIn

/** Somebody without credentials. */
interface Anonymous {
  readonly kind: 'anonymous'
  /** Where the call comes from, as limits count it: IPv6 by its /64. Calls without one are counted together. */
  readonly address?: string | undefined
}

/** Somebody whom the identity provider knows, and who is a member of nothing that they can sign in for. */
export interface Newcomer {
  readonly kind: 'newcomer'
  readonly actorId: string
  readonly address?: string | undefined
}

export interface SignedIn {
  readonly kind: 'key' | 'user'
  /** The key or the user. */
  readonly actorId: string
  /** The requester: the organization that the credential belongs to. */
  readonly organizationId: string
  readonly role: Role
  /** What the key is confined to, within its role; null for all of it. */
  readonly scopes: readonly Permission[] | null
  /** Another organization that the call is made for, and what its connection adds to reading. */
  readonly target?: { readonly organizationId: string; readonly allows: readonly Permission[] }
  /** When the credential ends by itself; nothing where it does not, or is looked up. */
  readonly validUntil?: number
  /** The fingerprint of the request's signed body: the same one again is the same activity. */
  readonly stamp?: string
  readonly address?: string | undefined
}

export const anonymous: Viewer = { kind: 'anonymous' }

export const isSignedIn = (viewer: Viewer): viewer is SignedIn =>
  viewer.kind === 'key' || viewer.kind === 'user'

/** Whether the viewer's role, and the scopes of their key, allow this at all. */
export const may = (viewer: Viewer, permission: Permission): viewer is SignedIn =>
  isSignedIn(viewer) &&
  (policy[permission] as readonly Role[]).includes(viewer.role) &&
  (viewer.scopes?.includes(permission) ?? true)

/**
 * The organizations in which the viewer may do this; none for those who may not. Every query that looks
 * things up is confined to them. What a call for another organization changes is that one's alone: it
 * stands in its records.
 */
export function organizationsOf(viewer: Viewer, permission: Permission): readonly string[] {
  if (!may(viewer, permission)) return []
  const { organizationId, target } = viewer
  if (!target) return [organizationId]
  const own = permission.endsWith(':read') ? [organizationId] : []
  return mayThere(target.allows, permission) ? [...own, target.organizationId] : own
}

const mayThere = (allows: readonly Permission[], permission: Permission) =>
  !OWN_ONLY.includes(permission) && (CONNECTED.includes(permission) || allows.includes(permission))

/** Whether the viewer may do this in this organization. */
export const maySee = (viewer: Viewer, permission: Permission, organizationId: string) =>
  organizationsOf(viewer, permission).includes(organizationId)

/** The organization that a call is for, where it names none. */
export const targetOf = (viewer: SignedIn) => viewer.target?.organizationId ?? viewer.organizationId

/** Nobody grants a role that may do what their own may not; OPERATOR is granted only where the server runs. */
export const mayGrant = (granter: Role, granted: Role) =>
  granted !== 'OPERATOR' &&
  permissions.every(
    (permission) =>
      !(policy[permission] as readonly Role[]).includes(granted) ||
      (policy[permission] as readonly Role[]).includes(granter),
  )

/** Why the viewer may not do this, in this organization where one is named; undefined if they may. */
export function refusalOf(viewer: Viewer, needed: Needed, organizationId?: string): Refusal | undefined {
  for (const permission of [needed].flat()) {
    const refusal = refusalOfOne(viewer, permission, organizationId)
    if (refusal) return refusal
  }
  return undefined
}

function refusalOfOne(
  viewer: Viewer,
  permission: Permission,
  organizationId: string | undefined,
): Refusal | undefined {
  if (viewer.kind === 'anonymous') return signInFirst()
  if (viewer.kind === 'newcomer')
    return new Refusal('FORBIDDEN', 'You are a member of no organization here that you can sign in for.')
  const { role } = viewer
  if (!may(viewer, permission)) {
    const roleAllows = (policy[permission] as readonly Role[]).includes(role)
    const who = roleAllows ? 'The scopes of this key do' : `The role ${role} does`
    return new Refusal('FORBIDDEN', `${who} not allow ${permission}.`)
  }
  const organizations = organizationsOf(viewer, permission)
  const yours =
    organizationId === undefined ? organizations.length > 0 : organizations.includes(organizationId)
  return yours ? undefined : new Refusal('FORBIDDEN', `${permission} is not yours in that organization.`)
}

/** Refuses who may not do this. */
export function authorize(
  viewer: Viewer,
  needed: Needed,
  organizationId?: string,
): asserts viewer is SignedIn {
  const refusal = refusalOf(viewer, needed, organizationId)
  if (refusal) throw refusal
}

/** Refuses who has not signed in, before any lookup: nobody learns by it whether a thing exists. */
export function requireSignIn(viewer: Viewer): asserts viewer is Newcomer | SignedIn {
  if (viewer.kind === 'anonymous') throw signInFirst()
}

const signInFirst = () =>
  new Refusal('UNAUTHENTICATED', 'Sign in first: send an API key as Authorization: Bearer <key>.')

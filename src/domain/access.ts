import { Refusal } from './errors.ts'

export const roles = ['ORG_ADMIN', 'PORTAL_ADMIN', 'ORG_MEMBER', 'ORG_VIEWER', 'GUEST'] as const
export type Role = (typeof roles)[number]

/** Who makes a call, and for which organization. */
export type Viewer =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'key'; readonly keyId: string; readonly organizationId: string; readonly role: Role }

export const anonymous: Viewer = { kind: 'anonymous' }

const READERS: readonly Role[] = ['ORG_ADMIN', 'PORTAL_ADMIN', 'ORG_MEMBER', 'ORG_VIEWER']
const INVITERS: readonly Role[] = ['ORG_ADMIN', 'PORTAL_ADMIN', 'ORG_MEMBER']
const BUILDERS: readonly Role[] = ['ORG_ADMIN', 'PORTAL_ADMIN']
const ADMINS: readonly Role[] = ['ORG_ADMIN']

/** The whole policy: who may do what within their organization. What a token alone allows needs no row. */
const policy = {
  'organization:read': READERS,
  'organization:create': ADMINS,
  'integration:read': READERS,
  'integration:create': BUILDERS,
  'portal:read': READERS,
  'portal:create': BUILDERS,
  'invite:read': READERS,
  'invite:create': INVITERS,
  'invite:revoke': INVITERS,
  'grant:read': READERS,
  'opening:read': READERS,
  'guestInvitation:read': READERS,
  'guestInvitation:create': ADMINS,
  'guestInvitation:revoke': ADMINS,
  'guestInvitation:acceptFor': ADMINS,
  'event:read': READERS,
} satisfies Record<string, readonly Role[]>

export type Permission = keyof typeof policy

/** Whether the viewer's role allows this at all. */
const may = (viewer: Viewer, permission: Permission) =>
  viewer.kind === 'key' && policy[permission].includes(viewer.role)

/**
 * The organizations in which the viewer may do this; none for those who may not. Every query that looks
 * things up is confined to them.
 */
export const organizationsOf = (viewer: Viewer, permission: Permission): readonly string[] =>
  viewer.kind === 'key' && may(viewer, permission) ? [viewer.organizationId] : []

/** Whether the viewer may do this in this organization. */
export const maySee = (viewer: Viewer, permission: Permission, organizationId: string) =>
  organizationsOf(viewer, permission).includes(organizationId)

/** Refuses who has not signed in, before any lookup: nobody learns by it whether a thing exists. */
export function requireSignIn(viewer: Viewer): asserts viewer is Extract<Viewer, { kind: 'key' }> {
  if (viewer.kind === 'anonymous') throw signInFirst()
}

const signInFirst = () =>
  new Refusal('UNAUTHENTICATED', 'Sign in first: send an API key as Authorization: Bearer <key>.')

/** Why the viewer may not do this, in this organization where one is named; undefined if they may. */
export function refusalOf(
  viewer: Viewer,
  permission: Permission,
  organizationId?: string,
): Refusal | undefined {
  if (viewer.kind === 'anonymous') return signInFirst()
  if (!may(viewer, permission)) {
    return new Refusal('FORBIDDEN', `The role ${viewer.role} does not allow ${permission}.`)
  }
  if (organizationId !== undefined && !maySee(viewer, permission, organizationId)) {
    return new Refusal('FORBIDDEN', `${permission} is not yours in that organization.`)
  }
  return undefined
}

/** Refuses who may not do this. */
export function authorize(
  viewer: Viewer,
  permission: Permission,
  organizationId?: string,
): asserts viewer is Extract<Viewer, { kind: 'key' }> {
  const refusal = refusalOf(viewer, permission, organizationId)
  if (refusal) throw refusal
}

import { type GraphQLField, type GraphQLObjectType, isInterfaceType } from 'graphql'
import { schema } from '#schema/schema.ts'

const A = 'ORG_ADMIN'
const P = 'PORTAL_ADMIN'
const M = 'ORG_MEMBER'
const V = 'ORG_VIEWER'
const O = 'OPERATOR'

/** Who may do what, written down once more: the code must not be its own witness. */
export const POLICY: Record<string, readonly string[]> = {
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
}

/** What each connected organization may read of the other. */
export const CONNECTED = ['organization:read', 'integration:read', 'portal:read', 'guestInvitation:read']

/** What a connection's scopes can add; a parent may all of it in its children. */
export const DELEGABLE = [
  ...['integration:create', 'portal:create', 'invite:read', 'invite:create', 'invite:revoke', 'grant:read'],
  ...['opening:read', 'event:read', 'member:read', 'connection:read'],
  ...['invite:update', 'memberInvitation:read', 'joinLink:read'],
]

export interface Needs {
  permissions: string[]
  /** Whether nobody need sign in for it. */
  isPublic: boolean
  /** Whether only people do it, and no key. */
  isPersonal: boolean
}

/** What a description says is needed; undefined where it says nothing. */
export function needsOf({
  description,
}: Pick<GraphQLField<unknown, unknown> | GraphQLObjectType, 'description'>): Needs | undefined {
  const [, list = ''] = /(?:\b[Nn]eeds|and with) (`\w+:\w+`(?: and `\w+:\w+`)*)/.exec(description ?? '') ?? []
  const permissions = [...list.matchAll(/`(\w+:\w+)`/g)].map(([, permission]) => permission as string)
  const isPublic = /\bPublic\b/.test(description ?? '')
  const isPersonal = /\bFor a person who has signed in\b/.test(description ?? '')
  return permissions.length > 0 || isPublic || isPersonal ? { permissions, isPublic, isPersonal } : undefined
}

const node = schema.getType('Node')
export const nodeTypes = isInterfaceType(node) ? schema.getPossibleTypes(node) : []

/** What reading a thing of this type needs: its type says so. */
export const needsOfType = (type: GraphQLObjectType) => {
  const needs = needsOf(type)
  if (!needs) throw new Error(`The description of ${type} says neither what it needs nor that it is public.`)
  return needs
}

/** Arguments that a field of an object cannot do without. */
export const ARGUMENTS: Record<string, string> = {
  'Organization.integrationByName': '(name: "Headquarters")',
  'Integration.portalByName': '(name: "Lobby")',
}

import type { Membership as MembershipRow } from '#db/tables.ts'
import { LAST_ADMIN, lastAdmins, membersOf } from '#domain/member.ts'
import { type AccessType as AccessTypeName, roleOf } from '#domain/user.ts'
import { User } from './actor.ts'
import { builder } from './builder.ts'
import { connectionOf } from './connection.ts'
import type { Context } from './context.ts'
import { contextLoader } from './loader.ts'
import { nodeRef, rowsOf } from './node.ts'
import { Organization } from './organization.ts'
import { Allowance, allowance, Role, seen } from './permission.ts'

export const AccessType = builder.enumType('AccessType', {
  description: 'How a member comes in.',
  values: {
    WEB: { description: 'Signs in through the identity provider; has no API keys.' },
    API: { description: 'Uses API keys; does not sign in.' },
    ALL: { description: 'Both.' },
  } satisfies Record<AccessTypeName, object>,
})

export const Membership = nodeRef('Membership', rowsOf<MembershipRow>('memberships'))

Membership.implement({
  description: 'What a person is in an organization. Needs `member:read`.',
  fields: (t) => ({
    organization: t.field({
      type: Organization,
      description: 'Where.',
      resolve: ({ organization_id: id }, _, context) =>
        seen(context, 'organization:read', id, Organization.loader(context).load(id)),
    }),
    user: t.field({
      type: User,
      description: 'Who.',
      resolve: ({ organization_id, user_id: id }, _, context) =>
        seen(context, 'member:read', organization_id, User.loader(context).load(id)),
    }),
    role: t.field({ type: Role, description: 'What they are there.', resolve: roleOf }),
    accessType: t.field({
      type: AccessType,
      description: 'How they come in.',
      resolve: (membership) => membership.access_type as AccessTypeName,
    }),
    tags: t.stringList({
      description: 'Words of the organization’s own choice.',
      resolve: (membership) => JSON.parse(membership.tags) as string[],
    }),
    createdAt: t.expose('created_at', { type: 'DateTime', description: 'When they first became a member.' }),
    version: t.exposeInt('version', {
      description:
        'Counts its changes: pass it as `expectedVersion` to change what you have seen, or be told.',
    }),
    removedAt: t.expose('removed_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null while it lasts.',
    }),
    viewerCanUpdate: t.field({
      type: Allowance,
      description: 'Whether the viewer may change it.',
      resolve: (membership, _, context) => changeable(context, 'member:update', membership),
    }),
    viewerCanRemove: t.field({
      type: Allowance,
      description: 'Whether the viewer may end it: not where it is the last ORG_ADMIN’s.',
      resolve: async (membership, _, context) => {
        const verdict = changeable(context, 'member:remove', membership)
        const last = verdict.allowed && (await isLastAdmin(context).load(membership.id))
        return last ? { allowed: false, code: 'CONFLICT', reason: LAST_ADMIN } : verdict
      },
    }),
  }),
})

const isLastAdmin = contextLoader<string, boolean>(async (ids, { store }) => {
  const last = await lastAdmins(store, ids)
  return ids.map((id) => last.has(id))
})

function changeable(
  { viewer }: Context,
  permission: 'member:update' | 'member:remove',
  member: MembershipRow,
) {
  const verdict = allowance(viewer, permission, member.organization_id)
  if (!verdict.allowed || member.removed_at === null) return verdict
  return { allowed: false, code: 'NOT_FOUND', reason: 'This membership has ended.' }
}

const MembershipEdge = builder.edgeObject({
  name: 'MembershipEdge',
  description: 'A membership in a list.',
  type: Membership,
})

const MembershipConnection = builder.connectionObject(
  { name: 'MembershipConnection', description: 'A page of memberships.', type: Membership },
  MembershipEdge,
)

builder.objectFields(Organization, (t) => ({
  members: t.connection(
    {
      type: Membership,
      description: 'Its members, oldest first. Needs `member:read`.',
      resolve: ({ id }, args, context, info) =>
        connectionOf<MembershipRow>(context, info, membersOf, { id, organization_id: id }, args),
    },
    MembershipConnection,
    MembershipEdge,
  ),
}))

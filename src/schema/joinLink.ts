import type { JoinLink as JoinLinkRow } from '#db/tables.ts'
import { requireSignIn } from '#domain/access.ts'
import { roleRefusal } from '#domain/granting.ts'
import { usesRemaining } from '#domain/invite.ts'
import {
  joinLinkIrrevocable,
  joinLinkStatus,
  joinLinksOf,
  joinLinkUnchangeable,
  revivalConflict,
} from '#domain/joinLink.ts'
import { roleOf } from '#domain/user.ts'
import { builder } from './builder.ts'
import { connectionOf } from './connection.ts'
import { Invitation, InvitationStatus } from './invitation.ts'
import { checkedId, nodeRef, rowsOf } from './node.ts'
import { Organization } from './organization.ts'
import { Allowance, allowance, Role } from './permission.ts'

export const JoinLink = nodeRef('JoinLink', rowsOf<JoinLinkRow>('join_links'))

JoinLink.implement({
  description:
    'A link by which whoever has it becomes a member: one for each role, as long as it is not revoked. Needs `joinLink:read`.',
  interfaces: [Invitation],
  fields: (t) => ({
    role: t.field({ type: Role, description: 'What those who join by it become.', resolve: roleOf }),
    status: t.field({
      type: InvitationStatus,
      description: 'REVOKED, else EXPIRED, else EXHAUSTED, else PENDING: the first that applies now.',
      resolve: (link, _, { store }) => joinLinkStatus(link, store.now()),
    }),
    expiresAt: t.expose('expires_at', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when people can join by it; null: without end.',
    }),
    maxUses: t.exposeInt('max_uses', {
      nullable: true,
      description: 'How many can join by it; null: without limit.',
    }),
    uses: t.exposeInt('uses', { description: 'How many have joined by it.' }),
    usesRemaining: t.int({
      nullable: true,
      description: 'How many can still join by it; null: without limit.',
      resolve: usesRemaining,
    }),
    viewerCanUpdate: t.field({
      type: Allowance,
      description:
        'Whether the viewer may change its limits; to raise them, or to make its secret anew, they must be able to give its role.',
      resolve: (link, _, { store, viewer }) =>
        allowance(viewer, 'joinLink:update', link.organization_id, joinLinkUnchangeable(link, store.now())),
    }),
    viewerCanRevoke: t.field({
      type: Allowance,
      description: 'Whether the viewer may take it back.',
      resolve: (link, _, { store, viewer }) =>
        allowance(viewer, 'joinLink:revoke', link.organization_id, joinLinkIrrevocable(link, store.now())),
    }),
    viewerCanRevive: t.field({
      type: Allowance,
      description:
        'Whether the viewer may give it a new end: only where it has expired, and only who could give its role.',
      resolve: (link, _, { store, viewer }) =>
        allowance(
          viewer,
          'joinLink:update',
          link.organization_id,
          revivalConflict(link, store.now()) ?? roleRefusal(viewer, roleOf(link)),
        ),
    }),
  }),
})

const JoinLinkEdge = builder.edgeObject({
  name: 'JoinLinkEdge',
  description: 'A join link in a list.',
  type: JoinLink,
})

const JoinLinkConnection = builder.connectionObject(
  { name: 'JoinLinkConnection', description: 'A page of join links.', type: JoinLink },
  JoinLinkEdge,
)

const JoinLinkFilter = builder.inputType('JoinLinkFilter', {
  description: 'Which join links to list: those that meet every condition given.',
  fields: (t) => ({
    roles: t.field({ type: [Role], description: 'For one of these roles.' }),
    statuses: t.field({ type: [InvitationStatus], description: 'In one of these statuses now.' }),
  }),
})

builder.objectFields(Organization, (t) => ({
  joinLinks: t.connection(
    {
      type: JoinLink,
      description: 'Its join links, newest first. Needs `joinLink:read`.',
      args: { filter: t.arg({ type: JoinLinkFilter, description: 'Which ones; all if left out.' }) },
      resolve: ({ id }, args, context, info) =>
        connectionOf<JoinLinkRow>(
          context,
          info,
          joinLinksOf(args.filter, context.store.now()),
          { id, organization_id: id },
          args,
        ),
    },
    JoinLinkConnection,
    JoinLinkEdge,
  ),
}))

builder.queryField('joinLink', (t) =>
  t.field({
    type: JoinLink,
    nullable: true,
    description: 'The join link with this id; null where the viewer may not see it. Needs `joinLink:read`.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_, { id }, context) => {
      requireSignIn(context.viewer)
      return JoinLink.loader(context).load(checkedId('JoinLink', id))
    },
  }),
)

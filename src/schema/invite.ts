import type { Invite as InviteRow, Portal as PortalRow } from '#db/tables.ts'
import { requireSignIn } from '#domain/access.ts'
import { portalsOfInvites } from '#domain/grant.ts'
import { inviteStatus, invitesOf, invitesOfPortal, usesRemaining } from '#domain/invite.ts'
import { changeClosed } from '#domain/inviteChange.ts'
import { revocationClosed, whyNotRestored } from '#domain/inviteRevocation.ts'
import { bestMatch, messagesOf } from '#domain/locales.ts'
import type { PageArgs } from '#domain/page.ts'
import { builder } from './builder.ts'
import { connectionOf } from './connection.ts'
import { Integration } from './integration.ts'
import { Invitation, InvitationStatus } from './invitation.ts'
import { contextLoader } from './loader.ts'
import { LocalizedText } from './localizedText.ts'
import { checkedId, nodeRef, rowsOf } from './node.ts'
import { Organization } from './organization.ts'
import { Allowance, allowance, seen } from './permission.ts'
import { Portal } from './portal.ts'
import { shownQrCode } from './qrCode.ts'

/** The portals of invites, in the order in which they were given. */
export const invitePortals = contextLoader<string, PortalRow[]>((ids, { store, viewer }) =>
  portalsOfInvites(store, viewer, ids),
)

export const Invite = nodeRef('Invite', rowsOf<InviteRow>('invites'))

Invite.implement({
  description: 'A time-bound link that opens portals, for as many uses as it allows. Needs `invite:read`.',
  interfaces: [Invitation],
  fields: (t) => ({
    integration: t.field({
      type: Integration,
      description: 'Whose portals it opens.',
      ...Invite.reads(
        ['organization_id', 'integration_id'],
        ({ organization_id, integration_id: id }, _, context) =>
          seen(context, 'integration:read', organization_id, Integration.loader(context).load(id)),
      ),
    }),
    portals: t.field({
      type: [Portal],
      description: 'What it opens, in the order in which they were given.',
      ...Invite.reads(['organization_id', 'id'], ({ organization_id, id }, _, context) =>
        seen(context, 'portal:read', organization_id, invitePortals(context).load(id)),
      ),
    }),
    name: t.exposeString('name', { nullable: true, description: 'What it is for.' }),
    qrCode: t.string({
      nullable: true,
      description:
        'Its link as a QR code, an SVG document, in the answer that shows the link; null in all others: it is stored nowhere.',
      resolve: shownQrCode,
    }),
    status: t.field({
      type: InvitationStatus,
      description:
        'REVOKED, else EXPIRED, else EXHAUSTED, else SCHEDULED, else PENDING: the first that applies now.',
      ...Invite.reads(['revoked_at', 'valid_from', 'valid_to', 'max_uses', 'uses'], (invite, _, { store }) =>
        inviteStatus(invite, store.now()),
      ),
    }),
    validFrom: t.expose('valid_from', { type: 'DateTime', description: 'From when on it can be accepted.' }),
    validTo: t.expose('valid_to', {
      type: 'DateTime',
      nullable: true,
      description: 'The end of the window; the same as expiresAt.',
    }),
    expiresAt: t.expose('valid_to', {
      type: 'DateTime',
      nullable: true,
      description: 'When it stops being acceptable; null: never.',
    }),
    maxUses: t.exposeInt('max_uses', {
      nullable: true,
      description: 'How often it can be accepted; null: without limit.',
    }),
    uses: t.exposeInt('uses', { description: 'How often it has been accepted.' }),
    usesRemaining: t.int({
      nullable: true,
      description: 'How often it can still be accepted; null: without limit.',
      ...Invite.reads(['max_uses', 'uses'], (invite) => usesRemaining(invite)),
    }),
    inviteeMessage: t.field({
      type: LocalizedText,
      nullable: true,
      description: 'The message in the best match for these locales; the first one given where none matches.',
      args: {
        locales: t.arg({
          type: ['Locale'],
          description: 'The most wanted first; the request’s own languages (Accept-Language) if left out.',
        }),
      },
      resolve: (invite, { locales }, context) => bestMatch(messagesOf(invite), locales ?? context.locales),
    }),
    inviteeMessages: t.field({
      type: [LocalizedText],
      description: 'The message in every language in which it was given.',
      resolve: (invite) => messagesOf(invite),
    }),
    viewerCanRevoke: t.field({
      type: Allowance,
      description: 'Whether the viewer may take it back.',
      resolve: (invite, _, { store, viewer }) =>
        allowance(viewer, 'invite:revoke', invite.organization_id, revocationClosed(invite, store.now())),
    }),
    viewerCanUpdate: t.field({
      type: Allowance,
      description:
        'Whether the viewer may change it: also what has expired or is exhausted, to open it again.',
      resolve: (invite, _, { viewer }) =>
        allowance(viewer, 'invite:update', invite.organization_id, changeClosed(invite)),
    }),
    viewerCanRestore: t.field({
      type: Allowance,
      description: 'Whether the viewer may give it again after it was taken back.',
      resolve: (invite, _, { store, viewer }) =>
        allowance(viewer, 'invite:update', invite.organization_id, whyNotRestored(invite, store.now())),
    }),
  }),
})

const InviteEdge = builder.edgeObject({
  name: 'InviteEdge',
  description: 'An access invite in a list.',
  type: Invite,
})

const InviteConnection = builder.connectionObject(
  { name: 'InviteConnection', description: 'A page of access invites.', type: Invite },
  InviteEdge,
)

const InviteFilter = builder.inputType('InviteFilter', {
  description: 'Which access invites to list: those that meet every condition given.',
  fields: (t) => ({
    statuses: t.field({ type: [InvitationStatus], description: 'In one of these statuses now.' }),
    search: t.string({ description: 'Part of the name, whatever its case.' }),
    portalId: t.id({ description: 'Those that open this portal.' }),
  }),
})

type ListArgs = PageArgs & { filter?: Parameters<typeof invitesOf>[1] }
type FilterArg = { portalId?: string | null | undefined } | null | undefined

/** The filter; its id refused where it is not one of a portal. */
function checkedFilter<Filter extends FilterArg>(filter: Filter): Filter {
  if (filter?.portalId != null) checkedId('Portal', filter.portalId)
  return filter
}

builder.objectFields(Organization, (t) => ({
  invites: t.connection(
    {
      type: Invite,
      description: 'Its access invites, newest first. Needs `invite:read`.',
      args: { filter: t.arg({ type: InviteFilter, description: 'Which ones; all if left out.' }) },
      resolve: ({ id }, args, context, info) =>
        connectionOf<InviteRow>(
          context,
          info,
          invitesOf('organization_id', checkedFilter(args.filter), context.store.now()),
          { id, organization_id: id },
          args,
        ),
    },
    InviteConnection,
    InviteEdge,
  ),
}))

builder.objectFields(Integration, (t) => ({
  invites: t.connection(
    {
      type: Invite,
      description: 'The access invites to its portals, newest first. Needs `invite:read`.',
      args: { filter: t.arg({ type: InviteFilter, description: 'Which ones; all if left out.' }) },
      ...Integration.reads(['id', 'organization_id'], (integration, args: ListArgs, context, info) =>
        connectionOf<InviteRow>(
          context,
          info,
          invitesOf('integration_id', checkedFilter(args.filter), context.store.now()),
          integration,
          args,
        ),
      ),
    },
    InviteConnection,
    InviteEdge,
  ),
}))

builder.objectFields(Portal, (t) => ({
  invites: t.connection(
    {
      type: Invite,
      description: 'The access invites that open it, newest first. Needs `invite:read`.',
      args: { filter: t.arg({ type: InviteFilter, description: 'Which ones; all if left out.' }) },
      ...Portal.reads(['id', 'organization_id'], (portal, args: ListArgs, context, info) =>
        connectionOf<InviteRow>(
          context,
          info,
          invitesOfPortal(checkedFilter(args.filter), context.store.now()),
          portal,
          args,
        ),
      ),
    },
    InviteConnection,
    InviteEdge,
  ),
}))

builder.queryField('invite', (t) =>
  t.field({
    type: Invite,
    nullable: true,
    description: 'The access invite with this id; null where the viewer may not see it. Needs `invite:read`.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_, { id }, context) => {
      requireSignIn(context.viewer)
      return Invite.loader(context).load(checkedId('Invite', id))
    },
  }),
)

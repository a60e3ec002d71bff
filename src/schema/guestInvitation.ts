import type { GuestInvitation as GuestInvitationRow } from '#db/tables.ts'
import { maySee, requireSignIn, toShowGuestLink } from '#domain/access.ts'
import { guestInvitationStatus, isExpired } from '#domain/guestInvitation.ts'
import { archivingClosed } from '#domain/guestInvitationArchive.ts'
import { guestChangeClosed } from '#domain/guestInvitationChange.ts'
import { guestRevocationClosed } from '#domain/guestInvitationRevocation.ts'
import { openRivals, whyNotResent, whyNotUnarchived } from '#domain/guestInvitationRivals.ts'
import { builder } from './builder.ts'
import { Invitation, InvitationStatus } from './invitation.ts'
import { contextLoader } from './loader.ts'
import { checkedId, nodeRef, rowsOf } from './node.ts'
import { Organization } from './organization.ts'
import { Allowance, allowance, seen } from './permission.ts'

/** Which other invitation is open for the address of one; not kept, as an operation may change it twice. */
const rivals = contextLoader<string, string | null>((ids, { store }) => openRivals(store, ids))

const UPDATE = 'guestInvitation:update'

const AcceptedVia = builder.enumType('AcceptedVia', {
  description: 'How a guest invitation came to be accepted.',
  values: {
    GUEST: { description: 'The invited guest accepted.' },
    SYSTEM: { description: 'Nothing was left to accept: the organizations were connected already.' },
  },
})

export const GuestInvitation = nodeRef('GuestInvitation', rowsOf<GuestInvitationRow>('guest_invitations'))

GuestInvitation.implement({
  description:
    'An e-mail invitation by which another organization joins this one as its guest. Needs `guestInvitation:read`.',
  interfaces: [Invitation],
  fields: (t) => ({
    organization: t.field({
      type: Organization,
      description: 'The host: the organization that invites.',
      resolve: ({ organization_id: id }, _, context) =>
        seen(context, 'organization:read', id, Organization.loader(context).load(id)),
    }),
    parentOrganization: t.field({
      type: Organization,
      nullable: true,
      description:
        'The organization that a guest who is new here is placed below; null at the top, or where the viewer may not see it.',
      resolve: ({ parent_organization_id: id }, _, context) =>
        id && maySee(context.viewer, 'organization:read', id) ? Organization.loader(context).load(id) : null,
    }),
    email: t.expose('email', { type: 'EmailAddress', description: 'Whom it was addressed to.' }),
    status: t.field({
      type: InvitationStatus,
      description: 'REVOKED, else ACCEPTED, else EXPIRED, else PENDING: the first that applies now.',
      resolve: (invitation, _, { store }) => guestInvitationStatus(invitation, store.now()),
    }),
    acceptedVia: t.field({
      type: AcceptedVia,
      nullable: true,
      description: 'How it came to be accepted; null if it was not.',
      resolve: (invitation) => invitation.accepted_via as 'GUEST' | 'SYSTEM' | null,
    }),
    firstSentAt: t.expose('first_sent_at', { type: 'DateTime', description: 'When it was first sent.' }),
    lastSentAt: t.expose('last_sent_at', { type: 'DateTime', description: 'When it was last sent.' }),
    expiresAt: t.expose('expires_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When it stops being acceptable; null: never.',
    }),
    expired: t.boolean({
      description: 'Whether its time ran out before anybody accepted it: a flag beside the status.',
      resolve: (invitation, _, { store }) => isExpired(invitation, store.now()),
    }),
    archived: t.boolean({
      description: 'Whether it has been put away: a flag beside the status.',
      resolve: (invitation) => invitation.archived_at !== null,
    }),
    locale: t.expose('locale', {
      type: 'Locale',
      nullable: true,
      description: 'The language in which it is mailed; null where nobody said.',
    }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'What the inviter says in the e-mail, as it was given: escape it where it is shown.',
    }),
    viewerCanRevoke: t.field({
      type: Allowance,
      description: 'Whether the viewer may take it back.',
      resolve: (invitation, _, { store, viewer }) =>
        allowance(
          viewer,
          'guestInvitation:revoke',
          invitation.organization_id,
          guestRevocationClosed(invitation, store.now()),
        ),
    }),
    viewerCanUpdate: t.field({
      type: Allowance,
      description: 'Whether the viewer may change it: also what has expired, to open it again.',
      resolve: (invitation, _, { store, viewer }) =>
        allowance(viewer, UPDATE, invitation.organization_id, guestChangeClosed(invitation, store.now())),
    }),
    viewerCanResend: t.field({
      type: Allowance,
      description:
        'Whether the viewer may send it again, the limits of e-mails aside; what has expired with a new end.',
      resolve: async (invitation, _, context) => {
        const rival = await rivals(context).clear(invitation.id).load(invitation.id)
        const obstacle = whyNotResent(invitation, rival, context.store.now())
        return allowance(context.viewer, toShowGuestLink(UPDATE), invitation.organization_id, obstacle)
      },
    }),
    viewerCanArchive: t.field({
      type: Allowance,
      description: 'Whether the viewer may put it away.',
      resolve: (invitation, _, { viewer }) =>
        allowance(viewer, UPDATE, invitation.organization_id, archivingClosed(invitation)),
    }),
    viewerCanUnarchive: t.field({
      type: Allowance,
      description: 'Whether the viewer may take it out again.',
      resolve: async (invitation, _, context) => {
        const rival = await rivals(context).clear(invitation.id).load(invitation.id)
        const obstacle = whyNotUnarchived(invitation, rival, context.store.now())
        return allowance(context.viewer, UPDATE, invitation.organization_id, obstacle)
      },
    }),
    acceptedAt: t.expose('accepted_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was accepted; null if it was not.',
    }),
    archivedAt: t.expose('archived_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was put away; null if it was not.',
    }),
  }),
})

builder.queryField('guestInvitation', (t) =>
  t.field({
    type: GuestInvitation,
    nullable: true,
    description:
      'The guest invitation with this id; null where the viewer may not see it. Needs `guestInvitation:read`.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_, { id }, context) => {
      requireSignIn(context.viewer)
      return GuestInvitation.loader(context).load(checkedId('GuestInvitation', id))
    },
  }),
)

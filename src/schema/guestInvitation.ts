import type { GuestInvitation as GuestInvitationRow } from '#db/tables.ts'
import { may, maySee, requireSignIn } from '#domain/access.ts'
import {
  ConflictError,
  InvalidInputError,
  InvitationClosedError,
  LimitReachedError,
  NotFoundError,
  RateLimitedError,
} from '#domain/errors.ts'
import {
  type CreatedGuestInvitation,
  createGuestInvitation,
  createGuestInvitationInput,
  guestInvitationStatus,
  guestRevocationClosed,
  isExpired,
  revokeGuestInvitation,
  revokeGuestInvitationInput,
} from '#domain/guestInvitation.ts'
import { builder } from './builder.ts'
import { IDEMPOTENCY_KEY } from './idempotencyKey.ts'
import { Invitation, InvitationStatus } from './invitation.ts'
import { checkedId, rowsOf } from './node.ts'
import { refuseUnseen } from './onceShown.ts'
import { Organization } from './organization.ts'
import { Allowance, allowance, seen } from './permission.ts'

const AcceptedVia = builder.enumType('AcceptedVia', {
  description: 'How a guest invitation came to be accepted.',
  values: {
    GUEST: { description: 'The invited guest accepted.' },
    SYSTEM: { description: 'Nothing was left to accept: the organizations were connected already.' },
  },
})

export const GuestInvitation = builder.loadableNodeRef('GuestInvitation', {
  id: { resolve: (invitation) => invitation.id },
  load: rowsOf<GuestInvitationRow>('guest_invitations'),
})

GuestInvitation.implement({
  description:
    'An e-mail invitation by which another organization joins this one as its guest. Needs `guestInvitation:read`.',
  interfaces: [Invitation],
  fields: (t) => ({
    organization: t.field({
      type: Organization,
      description: 'The host: the organization that invites.',
      resolve: ({ organization_id: id }, _, context) =>
        seen(context, 'organization:read', id, Organization.getDataloader(context).load(id)),
    }),
    parentOrganization: t.field({
      type: Organization,
      nullable: true,
      description:
        'The organization that a guest who is new here is placed below; null at the top, or where the viewer may not see it.',
      resolve: ({ parent_organization_id: id }, _, { viewer }) =>
        id && maySee(viewer, 'organization:read', id) ? id : null,
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
    resolve: (_, { id }, { viewer }) => {
      requireSignIn(viewer)
      return checkedId('GuestInvitation', id)
    },
  }),
)

const CreateGuestInvitationInput = builder.inputType('CreateGuestInvitationInput', {
  description: 'The guest invitation to make.',
  fields: (t) => ({
    organizationId: t.id({ description: 'The host; the viewer’s own organization if left out.' }),
    email: t.field({ type: 'EmailAddress', required: true, description: '3 to 100 characters.' }),
    expiresAt: t.field({ type: 'DateTime', required: true, description: 'In the future.' }),
    parentOrganizationId: t.id({
      description: 'Where to place a guest who is new here; at the top if left out.',
    }),
    locale: t.field({
      type: 'Locale',
      description: 'The language of the e-mail; the server’s own where it has none for it, or if left out.',
    }),
    message: t.string({ description: 'What the e-mail says in your own words; at most 2000 characters.' }),
    sendEmail: t.boolean({
      defaultValue: true,
      description: 'Whether to send the link by e-mail; it is in the answer in any case.',
    }),
    idempotencyKey: t.string({
      description: IDEMPOTENCY_KEY,
    }),
  }),
  validate: { schema: createGuestInvitationInput },
})

const CreateGuestInvitationPayload = builder
  .objectRef<CreatedGuestInvitation>('CreateGuestInvitationPayload')
  .implement({
    description: 'The guest invitation that was made, with its link.',
    fields: (t) => ({
      guestInvitation: t.expose('guestInvitation', {
        type: GuestInvitation,
        description: 'The new guest invitation.',
      }),
      token: t.exposeString('token', {
        nullable: true,
        description: 'The secret of the link. It is shown this once and stored only as a hash.',
      }),
      inviteUrl: t.field({
        type: 'URL',
        nullable: true,
        description: 'The link to hand to the guest: `<base URL>/invite/<token>`. Shown this once.',
        resolve: ({ token }, _, { publicUrl }) => token && `${publicUrl}/invite/${token}`,
      }),
      replayed: t.exposeBoolean('replayed', {
        description:
          'Whether an earlier call with this idempotency key did the work; then token and inviteUrl are null.',
      }),
    }),
  })

builder.mutationField('createGuestInvitation', (t) =>
  t.field({
    type: CreateGuestInvitationPayload,
    description:
      'Invites another organization as a guest, by e-mail unless told otherwise. One invitation to an e-mail address may be open at a time. Needs `guestInvitation:create`.',
    args: {
      input: t.arg({
        type: CreateGuestInvitationInput,
        required: true,
        description: 'Whom, and until when.',
      }),
    },
    errors: { types: [InvalidInputError, NotFoundError, ConflictError, LimitReachedError, RateLimitedError] },
    resolve: (_, { input }, { store, viewer }, info) => {
      if (may(viewer, 'guestInvitation:create')) refuseUnseen(info, { viewer, seeReferences: false })
      return createGuestInvitation(store, viewer, input)
    },
  }),
)

const RevokeGuestInvitationInput = builder.inputType('RevokeGuestInvitationInput', {
  description: 'Which guest invitation to take back.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
  validate: { schema: revokeGuestInvitationInput },
})

const RevokeGuestInvitationPayload = builder
  .objectRef<{ guestInvitation: GuestInvitationRow }>('RevokeGuestInvitationPayload')
  .implement({
    description: 'The guest invitation that was taken back.',
    fields: (t) => ({
      guestInvitation: t.expose('guestInvitation', { type: GuestInvitation, description: 'As it is now.' }),
    }),
  })

builder.mutationField('revokeGuestInvitation', (t) =>
  t.field({
    type: RevokeGuestInvitationPayload,
    description:
      'Takes an open guest invitation back: its link stops working. Needs `guestInvitation:revoke`.',
    args: { input: t.arg({ type: RevokeGuestInvitationInput, required: true, description: 'Which one.' }) },
    errors: { types: [InvalidInputError, NotFoundError, InvitationClosedError, RateLimitedError] },
    resolve: async (_, { input }, { store, viewer }) => ({
      guestInvitation: await revokeGuestInvitation(store, viewer, input.id),
    }),
  }),
)

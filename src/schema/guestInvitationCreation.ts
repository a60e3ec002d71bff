import { may } from '#domain/access.ts'
import {
  ConflictError,
  InvalidInputError,
  LimitReachedError,
  NotDoneError,
  NotFoundError,
  RateLimitedError,
} from '#domain/errors.ts'
import {
  type CreatedGuestInvitation,
  createGuestInvitation,
  createGuestInvitationInput,
  createGuestInvitations,
  createGuestInvitationsInput,
} from '#domain/guestInvitationCreation.ts'
import { ATOMIC, batchPayload } from './batch.ts'
import { builder, type InputFields } from './builder.ts'
import { GuestInvitation } from './guestInvitation.ts'
import { IDEMPOTENCY_KEY, LINK_REPLAYED } from './idempotencyKey.ts'
import { refuseUnseen } from './onceShown.ts'
import { sendEmail } from './sending.ts'

const newGuestInvitation = (t: InputFields) => ({
  expiresAt: t.field({ type: 'DateTime', required: true, description: 'In the future.' }),
  parentOrganizationId: t.id({
    description:
      'Where to place a guest who is new here, which needs `organization:create`; at the top if left out.',
  }),
  locale: t.field({
    type: 'Locale',
    description: 'The language of the e-mail; the server’s own where it has none for it, or if left out.',
  }),
  message: t.string({ description: 'What the e-mail says in your own words; at most 2000 characters.' }),
})

const CreateGuestInvitationInput = builder.inputType('CreateGuestInvitationInput', {
  description: 'The guest invitation to make.',
  fields: (t) => ({
    organizationId: t.id({ description: 'The host; the viewer’s own organization if left out.' }),
    email: t.field({ type: 'EmailAddress', required: true, description: '3 to 100 characters.' }),
    ...newGuestInvitation(t),
    sendEmail: sendEmail(t),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: createGuestInvitationInput },
})

type LinkFields = Parameters<
  Parameters<ReturnType<typeof builder.objectRef<CreatedGuestInvitation>>['implement']>[0]['fields'] & {}
>[0]

/** A guest invitation and its link, which is shown this once. */
export const linkFields = (t: LinkFields) => ({
  guestInvitation: t.expose('guestInvitation', {
    type: GuestInvitation,
    description: 'The guest invitation.',
  }),
  token: t.exposeString('token', {
    nullable: true,
    description:
      'The secret of the link. It is shown this once and stored only as a hash; null where nothing is left to accept.',
  }),
  inviteUrl: t.field({
    type: 'URL',
    nullable: true,
    description: 'The link to hand to the guest: `<base URL>/invite/<token>`. Shown this once.',
    resolve: ({ token }, _, { publicUrl }) => token && `${publicUrl}/invite/${token}`,
  }),
  replayed: t.exposeBoolean('replayed', {
    description: LINK_REPLAYED,
  }),
})

const CreateGuestInvitationPayload = builder
  .objectRef<CreatedGuestInvitation>('CreateGuestInvitationPayload')
  .implement({ description: 'The guest invitation that was made, with its link.', fields: linkFields })

builder.mutationField('createGuestInvitation', (t) =>
  t.field({
    type: CreateGuestInvitationPayload,
    description:
      'Invites another organization as a guest, by e-mail unless told otherwise. One invitation to an e-mail address may be open at a time; one to an organization that is connected already is accepted at once, by SYSTEM. Needs `guestInvitation:create` and `organization:read` and `integration:read` and `portal:read` and `guestInvitation:read`: whoever holds the link can come to see all that.',
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

// Its rows are checked by the domain, each by itself.
const NewGuestInvitationInput = builder.inputType('NewGuestInvitationInput', {
  description: 'One guest invitation of several to make.',
  fields: (t) => ({
    email: t.string({
      required: true,
      description: 'An e-mail address, 3 to 100 characters; a bad one is refused with its row only.',
    }),
    ...newGuestInvitation(t),
  }),
})

const CreateGuestInvitationsInput = builder.inputType('CreateGuestInvitationsInput', {
  description: 'The guest invitations to make, and how.',
  fields: (t) => ({
    guestInvitations: t.field({ type: [NewGuestInvitationInput], required: true, description: '1 to 100.' }),
    sendEmail: sendEmail(t),
    atomic: t.boolean({ defaultValue: false, description: ATOMIC }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: createGuestInvitationsInput },
})

builder.mutationField('createGuestInvitations', (t) =>
  t.field({
    type: batchPayload('CreateGuestInvitations', CreateGuestInvitationPayload, [
      ...[InvalidInputError, NotFoundError, ConflictError],
      ...[LimitReachedError, RateLimitedError, NotDoneError],
    ]),
    description:
      'Invites several organizations as guests, each by itself: a row that is refused keeps no other from being done, unless `atomic` is true. Needs `guestInvitation:create` and `organization:read` and `integration:read` and `portal:read` and `guestInvitation:read`: whoever holds the link can come to see all that.',
    args: {
      input: t.arg({ type: CreateGuestInvitationsInput, required: true, description: 'Whom, and how.' }),
    },
    errors: { types: [InvalidInputError, ConflictError, RateLimitedError] },
    resolve: (_, { input }, { store, viewer }, info) => {
      if (may(viewer, 'guestInvitation:create')) refuseUnseen(info, { viewer, seeReferences: false })
      return createGuestInvitations(store, viewer, input)
    },
  }),
)

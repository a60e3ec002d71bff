import { may } from '#domain/access.ts'
import {
  ConflictError,
  InvalidInputError,
  NotDoneError,
  NotFoundError,
  RateLimitedError,
} from '#domain/errors.ts'
import {
  type CreatedInvite,
  createInvite,
  createInviteInput,
  createInvites,
  createInvitesInput,
} from '#domain/inviteCreation.ts'
import { ATOMIC, batchPayload } from './batch.ts'
import { builder, type InputFields } from './builder.ts'
import { IDEMPOTENCY_KEY } from './idempotencyKey.ts'
import { Invite } from './invite.ts'
import { LocalizedTextInput } from './localizedText.ts'
import { refuseUnseen } from './onceShown.ts'
import { qrCodeOf, showingLink } from './qrCode.ts'

export const EXPIRES_IN =
  'A duration from validFrom on: ISO 8601 (PT1H, P1W; no months or years) or compact (1h, 2h30m, 1w; m and M are minutes). At most 3650 days. Excludes validTo.'
export const STARTS_IN = 'A duration from now on, in the grammar of expiresIn. Excludes validFrom.'

const newInvite = (t: InputFields) => ({
  integrationId: t.id({ required: true, description: 'Whose portals it opens.' }),
  portalIds: t.idList({
    required: true,
    description: '1 to 100, all of this integration; their order is the order of display.',
  }),
  name: t.string({ description: 'What it is for; at most 200 characters.' }),
  expiresIn: t.string({ description: EXPIRES_IN }),
  validFrom: t.field({ type: 'DateTime', description: 'Defaults to now. Excludes startsIn.' }),
  startsIn: t.string({ description: STARTS_IN }),
  validTo: t.field({
    type: 'DateTime',
    description: 'Excludes expiresIn. With neither, the organization’s default (7 days).',
  }),
  maxUses: t.int({ description: '1 or more; left out or null: without limit.' }),
  inviteeMessage: t.field({
    type: [LocalizedTextInput],
    description: 'What the guests read, in at most 20 languages; the first one is the fallback.',
  }),
})

const CreateInviteInput = builder.inputType('CreateInviteInput', {
  description: 'The access invite to make.',
  fields: (t) => ({ ...newInvite(t), idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }) }),
  validate: { schema: createInviteInput },
})

type LinkFields = Parameters<
  Parameters<ReturnType<typeof builder.objectRef<CreatedInvite>>['implement']>[0]['fields'] & {}
>[0]

/** An access invite and its link, which is shown this once. */
export const linkFields = (t: LinkFields) => ({
  invite: t.field({
    type: Invite,
    description: 'The access invite.',
    resolve: ({ invite, token }, _, { publicUrl }) =>
      showingLink(invite, token && `${publicUrl}/invite/${token}`),
  }),
  token: t.exposeString('token', {
    nullable: true,
    description: 'The secret of the link. It is shown this once and stored only as a hash.',
  }),
  inviteUrl: t.field({
    type: 'URL',
    nullable: true,
    description: 'The link to hand to the guests: `<base URL>/invite/<token>`. Shown this once.',
    resolve: ({ token }, _, { publicUrl }) => token && `${publicUrl}/invite/${token}`,
  }),
  qrCode: t.string({
    nullable: true,
    description: 'The link as a QR code, an SVG document. Shown this once, as the link is.',
    resolve: ({ token }, _, { publicUrl }) => token && qrCodeOf(`${publicUrl}/invite/${token}`),
  }),
  replayed: t.exposeBoolean('replayed', {
    description:
      'Whether an earlier call with this idempotency key did the work; then token, inviteUrl and qrCode are null.',
  }),
})

const CreateInvitePayload = builder.objectRef<CreatedInvite>('CreateInvitePayload').implement({
  description: 'The access invite that was made, with its link.',
  fields: linkFields,
})

builder.mutationField('createInvite', (t) =>
  t.field({
    type: CreateInvitePayload,
    description: 'Makes a time-bound link that opens portals. Needs `invite:create`.',
    args: { input: t.arg({ type: CreateInviteInput, required: true, description: 'What to make.' }) },
    errors: { types: [InvalidInputError, NotFoundError, ConflictError, RateLimitedError] },
    resolve: (_, { input }, { store, viewer }, info) => {
      if (may(viewer, 'invite:create')) refuseUnseen(info, { viewer, seeReferences: false })
      return createInvite(store, viewer, input)
    },
  }),
)

// Its rows are checked by the domain, each by itself.
const NewInviteInput = builder.inputType('NewInviteInput', {
  description: 'One access invite of several to make.',
  fields: newInvite,
})

const CreateInvitesInput = builder.inputType('CreateInvitesInput', {
  description: 'The access invites to make.',
  fields: (t) => ({
    invites: t.field({ type: [NewInviteInput], required: true, description: '1 to 100.' }),
    atomic: t.boolean({ defaultValue: false, description: ATOMIC }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: createInvitesInput },
})

builder.mutationField('createInvites', (t) =>
  t.field({
    type: batchPayload('CreateInvites', CreateInvitePayload, [
      InvalidInputError,
      NotFoundError,
      NotDoneError,
    ]),
    description:
      'Makes several access invites, each by itself: a row that is refused keeps no other from being done, unless `atomic` is true. Needs `invite:create`.',
    args: { input: t.arg({ type: CreateInvitesInput, required: true, description: 'What to make.' }) },
    errors: { types: [InvalidInputError, ConflictError, RateLimitedError] },
    resolve: (_, { input }, { store, viewer }, info) => {
      if (may(viewer, 'invite:create')) refuseUnseen(info, { viewer, seeReferences: false })
      return createInvites(store, viewer, input)
    },
  }),
)

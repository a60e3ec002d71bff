import { may } from '#domain/access.ts'
import {
  ConflictError,
  InvalidInputError,
  LimitReachedError,
  NotDoneError,
  RateLimitedError,
} from '#domain/errors.ts'
import { createMemberInvitations, createMemberInvitationsInput } from '#domain/memberInvitationBulk.ts'
import { ATOMIC, batchPayload } from './batch.ts'
import { builder } from './builder.ts'
import { IDEMPOTENCY_KEY } from './idempotencyKey.ts'
import { CreateMemberInvitationPayload, memberInvitationTerms } from './memberInvitationCreation.ts'
import { refuseUnseen } from './onceShown.ts'
import { sendEmail } from './sending.ts'

// Its rows are checked by the domain, each by itself.
const NewMemberInvitationInput = builder.inputType('NewMemberInvitationInput', {
  description: 'One member invitation of several to make.',
  fields: (t) => ({
    email: t.string({
      required: true,
      description: 'An e-mail address, 3 to 100 characters; a bad one is refused with its row only.',
    }),
    ...memberInvitationTerms(t),
  }),
})

const CreateMemberInvitationsInput = builder.inputType('CreateMemberInvitationsInput', {
  description: 'The member invitations to make, and how.',
  fields: (t) => ({
    invitations: t.field({ type: [NewMemberInvitationInput], required: true, description: '1 to 100.' }),
    sendEmail: sendEmail(t),
    atomic: t.boolean({ defaultValue: false, description: ATOMIC }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: createMemberInvitationsInput },
})

builder.mutationField('createMemberInvitations', (t) =>
  t.field({
    type: batchPayload('CreateMemberInvitations', CreateMemberInvitationPayload, [
      ...[InvalidInputError, ConflictError, LimitReachedError],
      ...[RateLimitedError, NotDoneError],
    ]),
    description:
      'Invites several people to become members, each by itself: a row that is refused keeps no other from being done, unless `atomic` is true. Needs `memberInvitation:create`.',
    args: {
      input: t.arg({ type: CreateMemberInvitationsInput, required: true, description: 'Whom, and as what.' }),
    },
    errors: { types: [InvalidInputError, ConflictError, RateLimitedError] },
    resolve: (_, { input }, { store, viewer }, info) => {
      if (may(viewer, 'memberInvitation:create')) refuseUnseen(info, { viewer, seeReferences: false })
      return createMemberInvitations(store, viewer, input)
    },
  }),
)

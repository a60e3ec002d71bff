import { may } from '#domain/access.ts'
import { type Batch, isRefused, type RowResult } from '#domain/batch.ts'
import {
  ConflictError,
  InvalidInputError,
  LimitReachedError,
  NotDoneError,
  RateLimitedError,
} from '#domain/errors.ts'
import { createMemberInvitations, createMemberInvitationsInput } from '#domain/memberInvitationBulk.ts'
import type { SentMemberInvitation } from '#domain/memberInvitationCreation.ts'
import { builder } from './builder.ts'
import { IDEMPOTENCY_KEY, REPLAYED } from './idempotencyKey.ts'
import { CreateMemberInvitationPayload, memberInvitationTerms } from './memberInvitationCreation.ts'
import { refuseUnseen } from './onceShown.ts'

const MemberInvitationRowInput = builder.inputType('MemberInvitationRowInput', {
  description: 'One of several member invitations to make. What is wrong with it is told in its own result.',
  fields: (t) => ({
    email: t.string({ required: true, description: 'An e-mail address of 3 to 100 characters.' }),
    ...memberInvitationTerms(t),
  }),
})

const CreateMemberInvitationsInput = builder.inputType('CreateMemberInvitationsInput', {
  description: 'The member invitations to make.',
  fields: (t) => ({
    invitations: t.field({
      type: [MemberInvitationRowInput],
      required: true,
      description: '1 to 100, done one after the other.',
    }),
    atomic: t.boolean({
      defaultValue: false,
      description: 'Whether none is made unless each can be.',
    }),
    sendEmail: t.boolean({
      defaultValue: true,
      description: 'Whether to send the links by e-mail; they are in the answer in any case.',
    }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: createMemberInvitationsInput },
})

/** What the union's error types read, no `Error` any more: what is one in a list refuses the whole answer. */
type ToldRow = SentMemberInvitation | { code: string; message: string }

const told = (result: RowResult<SentMemberInvitation>): ToldRow =>
  isRefused(result) ? { ...result, message: result.message } : result

const rowErrors = {
  INVALID_INPUT: InvalidInputError,
  CONFLICT: ConflictError,
  LIMIT_REACHED: LimitReachedError,
  RATE_LIMITED: RateLimitedError,
  NOT_DONE: NotDoneError,
}

const MemberInvitationRowResult = builder.unionType('MemberInvitationRowResult', {
  description: 'What became of one row: the invitation, or why there is none.',
  types: [CreateMemberInvitationPayload, ...Object.values(rowErrors)],
  resolveType: (row) =>
    'code' in row ? rowErrors[row.code as keyof typeof rowErrors] : CreateMemberInvitationPayload,
})

const CreateMemberInvitationsPayload = builder
  .objectRef<Batch<SentMemberInvitation>>('CreateMemberInvitationsPayload')
  .implement({
    description: 'What became of each row.',
    fields: (t) => ({
      results: t.field({
        type: [MemberInvitationRowResult],
        description: 'One for each row, in the order of the input.',
        resolve: ({ results }) => results.map(told) as never[],
      }),
      replayed: t.exposeBoolean('replayed', { description: REPLAYED }),
    }),
  })

builder.mutationField('createMemberInvitations', (t) =>
  t.field({
    type: CreateMemberInvitationsPayload,
    description:
      'Invites several people at once: each row has a result of its own, and what is wrong with one does not hinder the others unless `atomic` says so. Needs `memberInvitation:create`.',
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

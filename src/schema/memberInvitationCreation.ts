import { may } from '#domain/access.ts'
import { type Batch, isRefused, type RowResult } from '#domain/batch.ts'
import {
  ConflictError,
  InvalidInputError,
  LimitReachedError,
  NotDoneError,
  RateLimitedError,
} from '#domain/errors.ts'
import {
  createMemberInvitation,
  createMemberInvitationInput,
  createMemberInvitations,
  createMemberInvitationsInput,
  type SentMemberInvitation,
} from '#domain/memberInvitationCreation.ts'
import { builder } from './builder.ts'
import { IDEMPOTENCY_KEY, REPLAYED } from './idempotencyKey.ts'
import { AccessType } from './member.ts'
import { MemberInvitation } from './memberInvitation.ts'
import { refuseUnseen } from './onceShown.ts'
import { Role } from './permission.ts'

const SEND_EMAIL = 'Whether to send the link by e-mail; it is in the answer in any case.'

const CreateMemberInvitationInput = builder.inputType('CreateMemberInvitationInput', {
  description: 'The member invitation to make.',
  fields: (t) => ({
    email: t.field({ type: 'EmailAddress', required: true, description: '3 to 100 characters.' }),
    name: t.string({ description: 'The name of who is invited; at most 200 characters.' }),
    tags: t.stringList({ description: 'At most 50, of at most 50 characters each; none if left out.' }),
    accessType: t.field({ type: AccessType, description: 'How the member will come in; WEB if left out.' }),
    role: t.field({
      type: Role,
      description: 'ORG_MEMBER if left out; no role that may do what the viewer’s own may not.',
    }),
    locale: t.field({
      type: 'Locale',
      description: 'The language of the e-mail; the server’s own where it has none for it, or if left out.',
    }),
    message: t.string({ description: 'What the e-mail says in your own words; at most 2000 characters.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'In the future; in 7 days if left out.' }),
    sendEmail: t.boolean({ defaultValue: true, description: SEND_EMAIL }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: createMemberInvitationInput },
})

const CreateMemberInvitationPayload = builder
  .objectRef<SentMemberInvitation>('CreateMemberInvitationPayload')
  .implement({
    description: 'The member invitation that was made, with its link.',
    fields: (t) => ({
      memberInvitation: t.expose('memberInvitation', {
        type: MemberInvitation,
        description: 'The new member invitation.',
      }),
      token: t.exposeString('token', {
        nullable: true,
        description: 'The secret of the link. It is shown this once and stored only as a hash.',
      }),
      inviteUrl: t.field({
        type: 'URL',
        nullable: true,
        description: 'The link to hand to the person: `<base URL>/invite/<token>`. Shown this once.',
        resolve: ({ token }, _, { publicUrl }) => token && `${publicUrl}/invite/${token}`,
      }),
      replayed: t.exposeBoolean('replayed', {
        description:
          'Whether an earlier call with this idempotency key did the work; then token and inviteUrl are null.',
      }),
    }),
  })

builder.mutationField('createMemberInvitation', (t) =>
  t.field({
    type: CreateMemberInvitationPayload,
    description:
      'Invites a person to become a member, by e-mail unless told otherwise. One invitation to an e-mail address may be open at a time. Needs `memberInvitation:create`.',
    args: {
      input: t.arg({
        type: CreateMemberInvitationInput,
        required: true,
        description: 'Whom, and as what.',
      }),
    },
    errors: { types: [InvalidInputError, ConflictError, LimitReachedError, RateLimitedError] },
    resolve: (_, { input }, { store, viewer }, info) => {
      if (may(viewer, 'memberInvitation:create')) refuseUnseen(info, { viewer, seeReferences: false })
      return createMemberInvitation(store, viewer, input)
    },
  }),
)

const MemberInvitationRowInput = builder.inputType('MemberInvitationRowInput', {
  description: 'One of several member invitations to make. What is wrong with it is told in its own result.',
  fields: (t) => ({
    email: t.string({ required: true, description: 'An e-mail address of 3 to 100 characters.' }),
    name: t.string({ description: 'The name of who is invited; at most 200 characters.' }),
    tags: t.stringList({ description: 'At most 50, of at most 50 characters each; none if left out.' }),
    accessType: t.field({ type: AccessType, description: 'How the member will come in; WEB if left out.' }),
    role: t.field({
      type: Role,
      description: 'ORG_MEMBER if left out; no role that may do what the viewer’s own may not.',
    }),
    locale: t.field({
      type: 'Locale',
      description: 'The language of the e-mail; the server’s own where it has none for it, or if left out.',
    }),
    message: t.string({ description: 'What the e-mail says in your own words; at most 2000 characters.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'In the future; in 7 days if left out.' }),
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

import type { MemberInvitation as MemberInvitationRow } from '#db/tables.ts'
import { may } from '#domain/access.ts'
import {
  ConflictError,
  InvalidInputError,
  InvitationClosedError,
  LimitReachedError,
  NotFoundError,
  RateLimitedError,
} from '#domain/errors.ts'
import {
  resendMemberInvitation,
  resendMemberInvitationInput,
  revokeMemberInvitation,
  revokeMemberInvitationInput,
  updateMemberInvitation,
  updateMemberInvitationInput,
} from '#domain/memberInvitationChange.ts'
import { builder } from './builder.ts'
import { IDEMPOTENCY_KEY } from './idempotencyKey.ts'
import { EXPECTED_VERSION } from './invitation.ts'
import { AccessType } from './member.ts'
import { MemberInvitation } from './memberInvitation.ts'
import { sentPayload } from './memberInvitationCreation.ts'
import { refuseUnseen } from './onceShown.ts'
import { Role } from './permission.ts'
import { revokeOldLinks, sendEmail } from './sending.ts'

const UpdateMemberInvitationInput = builder.inputType('UpdateMemberInvitationInput', {
  description:
    'What to change of a member invitation; what is left out stays, as does what is null where null means nothing.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id.' }),
    name: t.string({ description: 'The name of who is invited; null: no name.' }),
    tags: t.stringList({ description: 'All of the tags anew; at most 50.' }),
    accessType: t.field({ type: AccessType, description: 'How the member will come in.' }),
    role: t.field({ type: Role, description: 'No role that may do what the viewer’s own may not.' }),
    locale: t.field({
      type: 'Locale',
      description: 'The language of further e-mails; null: the server’s own.',
    }),
    message: t.string({
      description: 'What further e-mails say in your own words, at most 2000 characters; null: nothing.',
    }),
    expiresAt: t.field({ type: 'DateTime', description: 'Until when it is open, in the future.' }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
  }),
  validate: { schema: updateMemberInvitationInput },
})

const changedPayload = (name: string, description: string) =>
  builder.objectRef<{ memberInvitation: MemberInvitationRow }>(name).implement({
    description,
    fields: (t) => ({
      memberInvitation: t.expose('memberInvitation', {
        type: MemberInvitation,
        description: 'As it is now.',
      }),
    }),
  })

builder.mutationField('updateMemberInvitation', (t) =>
  t.field({
    type: changedPayload('UpdateMemberInvitationPayload', 'The member invitation that was changed.'),
    description:
      'Changes an open member invitation; not its address: revoke it, and invite anew. For a later end, another access type or another role, the role must be one that the viewer could give. Needs `memberInvitation:update`.',
    args: {
      input: t.arg({ type: UpdateMemberInvitationInput, required: true, description: 'Which, and what.' }),
    },
    errors: {
      types: [InvalidInputError, NotFoundError, ConflictError, InvitationClosedError, RateLimitedError],
    },
    resolve: async (_, { input }, { store, viewer }) => ({
      memberInvitation: await updateMemberInvitation(store, viewer, input),
    }),
  }),
)

const ResendMemberInvitationInput = builder.inputType('ResendMemberInvitationInput', {
  description: 'Which member invitation to send again, and how.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id.' }),
    expiresAt: t.field({
      type: 'DateTime',
      description:
        'Until when it is open, in the future; as before if left out. One that has expired needs it.',
    }),
    revokeOldLinks: revokeOldLinks(t),
    sendEmail: sendEmail(t),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: resendMemberInvitationInput },
})

builder.mutationField('resendMemberInvitation', (t) =>
  t.field({
    type: sentPayload(
      'ResendMemberInvitationPayload',
      'The member invitation that was sent again, with its new link; those before it may still work.',
    ),
    description:
      'Sends a member invitation again, with a new link; one that has expired opens again. Its role must be one that the viewer could give. Needs `memberInvitation:update`.',
    args: {
      input: t.arg({ type: ResendMemberInvitationInput, required: true, description: 'Which, and how.' }),
    },
    errors: {
      types: [
        InvalidInputError,
        NotFoundError,
        ConflictError,
        InvitationClosedError,
        LimitReachedError,
        RateLimitedError,
      ],
    },
    resolve: (_, { input }, { store, viewer }, info) => {
      if (may(viewer, 'memberInvitation:update')) refuseUnseen(info, { viewer, seeReferences: false })
      return resendMemberInvitation(store, viewer, input)
    },
  }),
)

const RevokeMemberInvitationInput = builder.inputType('RevokeMemberInvitationInput', {
  description: 'Which member invitation to take back.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
  validate: { schema: revokeMemberInvitationInput },
})

builder.mutationField('revokeMemberInvitation', (t) =>
  t.field({
    type: changedPayload('RevokeMemberInvitationPayload', 'The member invitation that was taken back.'),
    description:
      'Takes an open member invitation back: its links stop working. Needs `memberInvitation:revoke`.',
    args: { input: t.arg({ type: RevokeMemberInvitationInput, required: true, description: 'Which one.' }) },
    errors: { types: [InvalidInputError, NotFoundError, InvitationClosedError, RateLimitedError] },
    resolve: async (_, { input }, { store, viewer }) => ({
      memberInvitation: await revokeMemberInvitation(store, viewer, input.id),
    }),
  }),
)

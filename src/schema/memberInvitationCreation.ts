import { may } from '#domain/access.ts'
import { ConflictError, InvalidInputError, LimitReachedError, RateLimitedError } from '#domain/errors.ts'
import {
  createMemberInvitation,
  createMemberInvitationInput,
  type SentMemberInvitation,
} from '#domain/memberInvitationCreation.ts'
import { builder, type InputFields } from './builder.ts'
import { IDEMPOTENCY_KEY, LINK_REPLAYED } from './idempotencyKey.ts'
import { AccessType } from './member.ts'
import { MemberInvitation } from './memberInvitation.ts'
import { refuseUnseen } from './onceShown.ts'
import { Role } from './permission.ts'
import { sendEmail } from './sending.ts'

/** What can be said of who is invited, beside their address. */
export const memberInvitationTerms = (t: InputFields) => ({
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
})

const CreateMemberInvitationInput = builder.inputType('CreateMemberInvitationInput', {
  description: 'The member invitation to make.',
  fields: (t) => ({
    email: t.field({ type: 'EmailAddress', required: true, description: '3 to 100 characters.' }),
    ...memberInvitationTerms(t),
    sendEmail: sendEmail(t),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: createMemberInvitationInput },
})

/** The payload of a mutation that shows an invitation's link, once. */
export const sentPayload = (name: string, description: string) =>
  builder.objectRef<SentMemberInvitation>(name).implement({
    description,
    fields: (t) => ({
      memberInvitation: t.expose('memberInvitation', {
        type: MemberInvitation,
        description: 'The member invitation as it is now.',
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
      replayed: t.exposeBoolean('replayed', { description: LINK_REPLAYED }),
    }),
  })

export const CreateMemberInvitationPayload = sentPayload(
  'CreateMemberInvitationPayload',
  'The member invitation that was made, with its link.',
)

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

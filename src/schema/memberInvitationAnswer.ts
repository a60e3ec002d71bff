import { anonymous } from '#domain/access.ts'
import {
  InvalidInputError,
  InvitationClosedError,
  NotFoundError,
  RateLimitedError,
  WrongAccountError,
} from '#domain/errors.ts'
import { type AcceptedMemberInvitation, acceptMemberInvitation } from '#domain/memberInvitationAcceptance.ts'
import {
  type DeclinedMemberInvitation,
  declineMemberInvitation,
  memberInvitationAnswerInput,
} from '#domain/memberInvitationAnswer.ts'
import { User } from './actor.ts'
import { builder } from './builder.ts'
import { Membership } from './member.ts'
import { MemberInvitation, membershipFrom } from './memberInvitation.ts'
import { refuseUnseen } from './onceShown.ts'
import { Organization } from './organization.ts'

const answerInput = (name: string, verb: string) =>
  builder.inputType(name, {
    description: `Which member invitation to ${verb}: by its token, or by its id, not both.`,
    fields: (t) => ({
      token: t.string({ description: 'The secret of the link.' }),
      id: t.id({
        description:
          'Its id, for the person whom it is addressed to, signed in with that e-mail address, verified.',
      }),
    }),
    validate: { schema: memberInvitationAnswerInput },
  })

const AcceptMemberInvitationPayload = builder
  .objectRef<AcceptedMemberInvitation>('AcceptMemberInvitationPayload')
  .implement({
    description: 'The person is a member.',
    fields: (t) => ({
      memberInvitation: t.expose('memberInvitation', {
        type: MemberInvitation,
        description: 'As it is now.',
      }),
      membership: t.expose('membership', {
        type: Membership,
        description: 'What the person is now; one who was a member already keeps what they were.',
      }),
      organization: t.expose('organization', { type: Organization, description: 'Where.' }),
      user: t.expose('user', { type: User, description: 'Who.' }),
      apiKey: t.exposeString('apiKey', {
        nullable: true,
        description:
          'The member’s first key, for the access types API and ALL; it ends with the membership and, where the token alone has got it, no later than the key that invited them. A secret, shown this once; null for WEB, for who was a member already, and when asked again.',
      }),
    }),
  })

builder.mutationField('acceptMemberInvitation', (t) =>
  t.field({
    type: AcceptMemberInvitationPayload,
    description:
      'Becomes a member. The token that was mailed makes the user of the invited address one. The token that was shown to the inviter makes a user of its own one, whose address counts as nobody’s; whose it is takes over that membership by accepting too, signed in or by the mailed token. Whoever is signed in does it for themselves, with the invited address verified, or with the token and no verified address. Again by the same person, it answers with the same membership. Public: needs the token, or to be signed in as the invited person.',
    args: {
      input: t.arg({
        type: answerInput('AcceptMemberInvitationInput', 'accept'),
        required: true,
        description: 'Which one.',
      }),
    },
    errors: {
      types: [InvalidInputError, NotFoundError, InvitationClosedError, WrongAccountError, RateLimitedError],
    },
    resolve: async (_, { input }, context, info) => {
      refuseUnseen(info, { viewer: anonymous, seeReferences: true })
      const accepted = await acceptMemberInvitation(context.store, context.viewer, input)
      // Who has just come may see what they came by, whatever else they may.
      Organization.loader(context).prime(accepted.organization.id, accepted.organization)
      User.loader(context).prime(accepted.user.id, accepted.user)
      membershipFrom(context).prime(accepted.memberInvitation.id, accepted.membership)
      return accepted
    },
  }),
)

const DeclineMemberInvitationPayload = builder
  .objectRef<DeclinedMemberInvitation>('DeclineMemberInvitationPayload')
  .implement({
    description: 'The invitation was declined.',
    fields: (t) => ({
      memberInvitation: t.expose('memberInvitation', {
        type: MemberInvitation,
        description: 'As it is now.',
      }),
      organization: t.expose('organization', {
        type: Organization,
        description: 'Whose invitation it was.',
      }),
    }),
  })

builder.mutationField('declineMemberInvitation', (t) =>
  t.field({
    type: DeclineMemberInvitationPayload,
    description:
      'Says no to a member invitation: its links stop working. Public: needs the token, or to be signed in as the invited person.',
    args: {
      input: t.arg({
        type: answerInput('DeclineMemberInvitationInput', 'decline'),
        required: true,
        description: 'Which one.',
      }),
    },
    errors: {
      types: [InvalidInputError, NotFoundError, InvitationClosedError, WrongAccountError, RateLimitedError],
    },
    resolve: async (_, { input }, context, info) => {
      refuseUnseen(info, { viewer: anonymous, seeReferences: true })
      const declined = await declineMemberInvitation(context.store, context.viewer, input)
      Organization.loader(context).prime(declined.organization.id, declined.organization)
      return declined
    },
  }),
)

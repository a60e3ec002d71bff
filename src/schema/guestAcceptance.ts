import { anonymous } from '#domain/access.ts'
import { InvalidInputError, InvitationClosedError, NotFoundError, RateLimitedError } from '#domain/errors.ts'
import {
  type AcceptedGuestInvitation,
  acceptGuestInvitation,
  acceptGuestInvitationInput,
} from '#domain/guestAcceptance.ts'
import { builder } from './builder.ts'
import { GuestInvitation } from './guestInvitation.ts'
import { refuseUnseen } from './onceShown.ts'
import { Organization } from './organization.ts'

const AcceptGuestInvitationInput = builder.inputType('AcceptGuestInvitationInput', {
  description: 'Which guest invitation to accept, and who joins.',
  fields: (t) => ({
    token: t.string({ required: true, description: 'The secret of the link.' }),
    organizationName: t.string({
      required: true,
      description: 'The name of the organization that joins; not used where the viewer’s own joins.',
    }),
  }),
  validate: { schema: acceptGuestInvitationInput },
})

const AcceptGuestInvitationPayload = builder
  .objectRef<AcceptedGuestInvitation>('AcceptGuestInvitationPayload')
  .implement({
    description: 'The guest has joined.',
    fields: (t) => ({
      guestInvitation: t.expose('guestInvitation', { type: GuestInvitation, description: 'As it is now.' }),
      organization: t.expose('organization', {
        type: Organization,
        description: 'The guest organization, connected with the host.',
      }),
      apiKey: t.exposeString('apiKey', {
        nullable: true,
        description:
          'The first key of an organization that was made, role ORG_ADMIN: its people use this. Where nobody has signed in, it ends no later than the key that invited them. A secret, shown this once; null where the viewer’s own organization joined.',
      }),
    }),
  })

builder.mutationField('acceptGuestInvitation', (t) =>
  t.field({
    type: AcceptGuestInvitationPayload,
    description:
      'Joins the host as its guest: with a key, the viewer’s own organization does (needs `guestInvitation:acceptFor`); without one, a new organization is made. Public: needs the token and no sign-in.',
    args: {
      input: t.arg({
        type: AcceptGuestInvitationInput,
        required: true,
        description: 'The token, and who joins.',
      }),
    },
    errors: { types: [InvalidInputError, NotFoundError, InvitationClosedError, RateLimitedError] },
    resolve: async (_, { input }, context, info) => {
      refuseUnseen(info, { viewer: anonymous, seeReferences: true })
      const accepted = await acceptGuestInvitation(context.store, context.viewer, input)
      Organization.loader(context).prime(accepted.host.id, accepted.host)
      return accepted
    },
  }),
)

import type { GuestInvitation as GuestInvitationRow } from '#db/tables.ts'
import { InvalidInputError, InvitationClosedError, NotFoundError, RateLimitedError } from '#domain/errors.ts'
import { revokeGuestInvitation, revokeGuestInvitationInput } from '#domain/guestInvitationRevocation.ts'
import { builder } from './builder.ts'
import { GuestInvitation } from './guestInvitation.ts'

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

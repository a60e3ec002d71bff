import type { Invite as InviteRow } from '#db/tables.ts'
import {
  ConflictError,
  InvalidInputError,
  InvitationClosedError,
  NotFoundError,
  RateLimitedError,
} from '#domain/errors.ts'
import {
  restoreInvite,
  restoreInviteInput,
  revokeInvite,
  revokeInviteInput,
} from '#domain/inviteRevocation.ts'
import { builder } from './builder.ts'
import { Invite } from './invite.ts'

const RevokeInviteInput = builder.inputType('RevokeInviteInput', {
  description: 'Which access invite to take back.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
  validate: { schema: revokeInviteInput },
})

const RevokeInvitePayload = builder.objectRef<{ invite: InviteRow }>('RevokeInvitePayload').implement({
  description: 'The access invite that was taken back.',
  fields: (t) => ({ invite: t.expose('invite', { type: Invite, description: 'As it is now.' }) }),
})

builder.mutationField('revokeInvite', (t) =>
  t.field({
    type: RevokeInvitePayload,
    description:
      'Takes an access invite back: nobody accepts it any more, and what it granted opens nothing. Needs `invite:revoke`.',
    args: { input: t.arg({ type: RevokeInviteInput, required: true, description: 'Which one.' }) },
    errors: { types: [InvalidInputError, NotFoundError, InvitationClosedError, RateLimitedError] },
    resolve: async (_, { input }, { store, viewer }) => ({
      invite: await revokeInvite(store, viewer, input.id),
    }),
  }),
)

const RestoreInviteInput = builder.inputType('RestoreInviteInput', {
  description: 'Which access invite to give again.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
  validate: { schema: restoreInviteInput },
})

const RestoreInvitePayload = builder.objectRef<{ invite: InviteRow }>('RestoreInvitePayload').implement({
  description: 'The access invite that was given again.',
  fields: (t) => ({ invite: t.expose('invite', { type: Invite, description: 'As it is now.' }) }),
})

builder.mutationField('restoreInvite', (t) =>
  t.field({
    type: RestoreInvitePayload,
    description:
      'Gives an access invite again that was taken back, while its window has not ended: its link works as before, and what it granted opens again. Needs `invite:update`.',
    args: { input: t.arg({ type: RestoreInviteInput, required: true, description: 'Which one.' }) },
    errors: {
      types: [InvalidInputError, NotFoundError, ConflictError, InvitationClosedError, RateLimitedError],
    },
    resolve: async (_, { input }, { store, viewer }) => ({
      invite: await restoreInvite(store, viewer, input.id),
    }),
  }),
)

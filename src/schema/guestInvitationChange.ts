import type { GuestInvitation as GuestInvitationRow } from '#db/tables.ts'
import {
  ConflictError,
  InvalidInputError,
  InvitationClosedError,
  LimitReachedError,
  NotFoundError,
  RateLimitedError,
} from '#domain/errors.ts'
import {
  archiveGuestInvitation,
  archiveGuestInvitationInput,
  unarchiveGuestInvitation,
  unarchiveGuestInvitationInput,
} from '#domain/guestInvitationArchive.ts'
import { updateGuestInvitation, updateGuestInvitationInput } from '#domain/guestInvitationChange.ts'
import { builder } from './builder.ts'
import { GuestInvitation } from './guestInvitation.ts'
import { EXPECTED_VERSION } from './invitation.ts'

/** What a change answers with. */
const payload = (name: string, description: string) =>
  builder.objectRef<{ guestInvitation: GuestInvitationRow }>(name).implement({
    description,
    fields: (t) => ({
      guestInvitation: t.expose('guestInvitation', { type: GuestInvitation, description: 'As it is now.' }),
    }),
  })

const UpdateGuestInvitationInput = builder.inputType('UpdateGuestInvitationInput', {
  description:
    'What to change of a guest invitation; what is left out stays, as does what is null where null means nothing.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id.' }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'Until when it is open, in the future: what has expired is open again.',
    }),
    locale: t.field({
      type: 'Locale',
      description: 'The language of further e-mails; null: the server’s own.',
    }),
    message: t.string({
      description: 'What further e-mails say in your own words, at most 2000 characters; null: nothing.',
    }),
  }),
  validate: { schema: updateGuestInvitationInput },
})

builder.mutationField('updateGuestInvitation', (t) =>
  t.field({
    type: payload('UpdateGuestInvitationPayload', 'The guest invitation that was changed.'),
    description:
      'Changes a guest invitation; its links stay, and nothing is sent. One that has expired is open again once it ends later. Needs `guestInvitation:update`.',
    args: {
      input: t.arg({ type: UpdateGuestInvitationInput, required: true, description: 'Which one, and what.' }),
    },
    errors: {
      types: [
        ...[InvalidInputError, NotFoundError, ConflictError],
        ...[InvitationClosedError, LimitReachedError, RateLimitedError],
      ],
    },
    resolve: async (_, { input }, { store, viewer }) => ({
      guestInvitation: await updateGuestInvitation(store, viewer, input),
    }),
  }),
)

const ArchiveGuestInvitationInput = builder.inputType('ArchiveGuestInvitationInput', {
  description: 'Which guest invitation to put away.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
  validate: { schema: archiveGuestInvitationInput },
})

builder.mutationField('archiveGuestInvitation', (t) =>
  t.field({
    type: payload('ArchiveGuestInvitationPayload', 'The guest invitation that was put away.'),
    description:
      'Puts a guest invitation away, whatever its status: while it is, nobody accepts it, and another one to its address may be made. Needs `guestInvitation:update`.',
    args: { input: t.arg({ type: ArchiveGuestInvitationInput, required: true, description: 'Which one.' }) },
    errors: { types: [InvalidInputError, NotFoundError, InvitationClosedError, RateLimitedError] },
    resolve: async (_, { input }, { store, viewer }) => ({
      guestInvitation: await archiveGuestInvitation(store, viewer, input.id),
    }),
  }),
)

const UnarchiveGuestInvitationInput = builder.inputType('UnarchiveGuestInvitationInput', {
  description: 'Which guest invitation to take out again.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
  validate: { schema: unarchiveGuestInvitationInput },
})

builder.mutationField('unarchiveGuestInvitation', (t) =>
  t.field({
    type: payload('UnarchiveGuestInvitationPayload', 'The guest invitation that was taken out again.'),
    description:
      'Takes a guest invitation out again; where it is still pending it can be accepted again, unless another one to its address is open. Needs `guestInvitation:update`.',
    args: {
      input: t.arg({ type: UnarchiveGuestInvitationInput, required: true, description: 'Which one.' }),
    },
    errors: { types: [InvalidInputError, NotFoundError, ConflictError, LimitReachedError, RateLimitedError] },
    resolve: async (_, { input }, { store, viewer }) => ({
      guestInvitation: await unarchiveGuestInvitation(store, viewer, input.id),
    }),
  }),
)

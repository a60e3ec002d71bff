import type { Invite as InviteRow } from '#db/tables.ts'
import { may } from '#domain/access.ts'
import {
  ConflictError,
  InvalidInputError,
  InvitationClosedError,
  NotFoundError,
  RateLimitedError,
} from '#domain/errors.ts'
import {
  regenerateInviteToken,
  regenerateInviteTokenInput,
  updateInvite,
  updateInviteInput,
} from '#domain/inviteChange.ts'
import type { CreatedInvite } from '#domain/inviteCreation.ts'
import { builder } from './builder.ts'
import { IDEMPOTENCY_KEY } from './idempotencyKey.ts'
import { EXPECTED_VERSION } from './invitation.ts'
import { Invite, invitePortals } from './invite.ts'
import { EXPIRES_IN, linkFields, STARTS_IN } from './inviteCreation.ts'
import { LocalizedTextInput } from './localizedText.ts'
import { refuseUnseen } from './onceShown.ts'

const UpdateInviteInput = builder.inputType('UpdateInviteInput', {
  description:
    'What to change of an access invite; what is left out stays, as does what is null where null means nothing.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id.' }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
    name: t.string({ description: 'What it is for; null: no name.' }),
    portalIds: t.idList({
      description:
        'All of the portals anew, 1 to 100 of its integration; what it granted opens these and no others.',
    }),
    expiresIn: t.string({ description: EXPIRES_IN }),
    validFrom: t.field({ type: 'DateTime', description: 'From when on. Excludes startsIn.' }),
    startsIn: t.string({ description: STARTS_IN }),
    validTo: t.field({
      type: 'DateTime',
      description: 'Until when, in the future: what has expired is open again. Excludes expiresIn.',
    }),
    maxUses: t.int({
      description: '1 or more, and no fewer than are spent; null: without limit.',
    }),
    inviteeMessage: t.field({
      type: [LocalizedTextInput],
      description: 'The message anew, in every language; null: none.',
    }),
  }),
  validate: { schema: updateInviteInput },
})

const UpdateInvitePayload = builder.objectRef<{ invite: InviteRow }>('UpdateInvitePayload').implement({
  description: 'The access invite that was changed.',
  fields: (t) => ({ invite: t.expose('invite', { type: Invite, description: 'As it is now.' }) }),
})

builder.mutationField('updateInvite', (t) =>
  t.field({
    type: UpdateInvitePayload,
    description:
      'Changes an access invite; its link stays. One that has expired or is exhausted is open again where the change makes it so. Needs `invite:update`.',
    args: { input: t.arg({ type: UpdateInviteInput, required: true, description: 'Which one, and what.' }) },
    errors: {
      types: [InvalidInputError, NotFoundError, ConflictError, InvitationClosedError, RateLimitedError],
    },
    resolve: async (_, { input }, context) => {
      const invite = await updateInvite(context.store, context.viewer, input)
      invitePortals(context).clear(invite.id)
      return { invite }
    },
  }),
)

const RegenerateInviteTokenInput = builder.inputType('RegenerateInviteTokenInput', {
  description: 'Whose link to make anew.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The id of the access invite.' }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: regenerateInviteTokenInput },
})

const RegenerateInviteTokenPayload = builder
  .objectRef<CreatedInvite>('RegenerateInviteTokenPayload')
  .implement({ description: 'The access invite with its new link.', fields: linkFields })

builder.mutationField('regenerateInviteToken', (t) =>
  t.field({
    type: RegenerateInviteTokenPayload,
    description:
      'Makes the link of an access invite anew: the old one dies at once, what it granted stays. Needs `invite:update`.',
    args: { input: t.arg({ type: RegenerateInviteTokenInput, required: true, description: 'Whose.' }) },
    errors: {
      types: [InvalidInputError, NotFoundError, ConflictError, InvitationClosedError, RateLimitedError],
    },
    resolve: (_, { input }, { store, viewer }, info) => {
      if (may(viewer, 'invite:update')) refuseUnseen(info, { viewer, seeReferences: false })
      return regenerateInviteToken(store, viewer, input)
    },
  }),
)

import type { JoinLink as JoinLinkRow } from '#db/tables.ts'
import { may } from '#domain/access.ts'
import {
  ConflictError,
  InvalidInputError,
  InvitationClosedError,
  NotFoundError,
  RateLimitedError,
} from '#domain/errors.ts'
import {
  regenerateJoinLinkToken,
  regenerateJoinLinkTokenInput,
  reviveJoinLink,
  reviveJoinLinkInput,
  revokeJoinLink,
  revokeJoinLinkInput,
  updateJoinLink,
  updateJoinLinkInput,
} from '#domain/joinLinkChange.ts'
import { builder } from './builder.ts'
import { IDEMPOTENCY_KEY } from './idempotencyKey.ts'
import { EXPECTED_VERSION } from './invitation.ts'
import { JoinLink } from './joinLink.ts'
import { joinLinkPayload } from './joinLinkCreation.ts'
import { refuseUnseen } from './onceShown.ts'

const changedPayload = (name: string, description: string) =>
  builder.objectRef<{ joinLink: JoinLinkRow }>(name).implement({
    description,
    fields: (t) => ({ joinLink: t.expose('joinLink', { type: JoinLink, description: 'As it is now.' }) }),
  })

const UpdateJoinLinkInput = builder.inputType('UpdateJoinLinkInput', {
  description: 'What to change of a join link: null clears a limit, what is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'Until when; null: without end.' }),
    maxUses: t.int({
      description: 'How many may join: 1 to 1000, and no fewer than have joined; null: without limit.',
    }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
  }),
  validate: { schema: updateJoinLinkInput },
})

builder.mutationField('updateJoinLink', (t) =>
  t.field({
    type: changedPayload('UpdateJoinLinkPayload', 'The join link that was changed.'),
    description:
      'Changes the limits of a join link that is neither revoked nor expired. To raise them, the viewer must be one who could give its role. Needs `joinLink:update`.',
    args: { input: t.arg({ type: UpdateJoinLinkInput, required: true, description: 'Which, and what.' }) },
    errors: {
      types: [InvalidInputError, NotFoundError, InvitationClosedError, ConflictError, RateLimitedError],
    },
    resolve: async (_, { input }, { store, viewer }) => ({
      joinLink: await updateJoinLink(store, viewer, input),
    }),
  }),
)

const RevokeJoinLinkInput = builder.inputType('RevokeJoinLinkInput', {
  description: 'Which join link to take back.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
  validate: { schema: revokeJoinLinkInput },
})

builder.mutationField('revokeJoinLink', (t) =>
  t.field({
    type: changedPayload('RevokeJoinLinkPayload', 'The join link that was taken back.'),
    description:
      'Takes a join link back for good; who has joined by it stays a member. Needs `joinLink:revoke`.',
    args: { input: t.arg({ type: RevokeJoinLinkInput, required: true, description: 'Which one.' }) },
    errors: { types: [InvalidInputError, NotFoundError, InvitationClosedError, RateLimitedError] },
    resolve: async (_, { input }, { store, viewer }) => ({
      joinLink: await revokeJoinLink(store, viewer, input.id),
    }),
  }),
)

const ReviveJoinLinkInput = builder.inputType('ReviveJoinLinkInput', {
  description: 'Which join link to revive.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The id of one that has expired.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'Until when now; without end if left out.' }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
  }),
  validate: { schema: reviveJoinLinkInput },
})

builder.mutationField('reviveJoinLink', (t) =>
  t.field({
    type: changedPayload('ReviveJoinLinkPayload', 'The join link that was revived.'),
    description:
      'Gives a join link that has expired a new end, or none: its secret works again. Its role must be one that the viewer could give. Needs `joinLink:update`.',
    args: { input: t.arg({ type: ReviveJoinLinkInput, required: true, description: 'Which one.' }) },
    errors: { types: [InvalidInputError, NotFoundError, ConflictError, RateLimitedError] },
    resolve: async (_, { input }, { store, viewer }) => ({
      joinLink: await reviveJoinLink(store, viewer, input),
    }),
  }),
)

const RegenerateJoinLinkTokenInput = builder.inputType('RegenerateJoinLinkTokenInput', {
  description: 'Which join link to give a new secret.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id.' }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: regenerateJoinLinkTokenInput },
})

builder.mutationField('regenerateJoinLinkToken', (t) =>
  t.field({
    type: joinLinkPayload('RegenerateJoinLinkTokenPayload', 'The join link with its new secret.'),
    description:
      'Gives a join link a new secret: the old one is dead at once. Its role must be one that the viewer could give. Needs `joinLink:update`.',
    args: {
      input: t.arg({ type: RegenerateJoinLinkTokenInput, required: true, description: 'Which one.' }),
    },
    errors: {
      types: [InvalidInputError, NotFoundError, InvitationClosedError, ConflictError, RateLimitedError],
    },
    resolve: (_, { input }, { store, viewer }, info) => {
      if (may(viewer, 'joinLink:update')) refuseUnseen(info, { viewer, seeReferences: false })
      return regenerateJoinLinkToken(store, viewer, input)
    },
  }),
)

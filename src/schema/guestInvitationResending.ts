import { may } from '#domain/access.ts'
import {
  ConflictError,
  InvalidInputError,
  InvitationClosedError,
  LimitReachedError,
  NotFoundError,
  RateLimitedError,
} from '#domain/errors.ts'
import type { CreatedGuestInvitation } from '#domain/guestInvitationCreation.ts'
import { resendGuestInvitation, resendGuestInvitationInput } from '#domain/guestInvitationResending.ts'
import { builder } from './builder.ts'
import { linkFields } from './guestInvitationCreation.ts'
import { IDEMPOTENCY_KEY } from './idempotencyKey.ts'
import { EXPECTED_VERSION } from './invitation.ts'
import { refuseUnseen } from './onceShown.ts'
import { revokeOldLinks, sendEmail } from './sending.ts'

const ResendGuestInvitationInput = builder.inputType('ResendGuestInvitationInput', {
  description: 'Which guest invitation to send again, and how.',
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
  validate: { schema: resendGuestInvitationInput },
})

const ResendGuestInvitationPayload = builder
  .objectRef<CreatedGuestInvitation>('ResendGuestInvitationPayload')
  .implement({ description: 'The guest invitation with its new link.', fields: linkFields })

builder.mutationField('resendGuestInvitation', (t) =>
  t.field({
    type: ResendGuestInvitationPayload,
    description:
      'Gives a guest invitation a new link and sends it; one that has expired is open again. Needs `guestInvitation:update` and `organization:read` and `integration:read` and `portal:read` and `guestInvitation:read`: whoever holds the link can come to see all that.',
    args: {
      input: t.arg({ type: ResendGuestInvitationInput, required: true, description: 'Which one, and how.' }),
    },
    errors: {
      types: [
        ...[InvalidInputError, NotFoundError, ConflictError],
        ...[InvitationClosedError, LimitReachedError, RateLimitedError],
      ],
    },
    resolve: (_, { input }, { store, viewer }, info) => {
      if (may(viewer, 'guestInvitation:update')) refuseUnseen(info, { viewer, seeReferences: false })
      return resendGuestInvitation(store, viewer, input)
    },
  }),
)

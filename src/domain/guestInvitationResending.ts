import { z } from 'zod'
import { toShowGuestLink, type Viewer } from './access.ts'
import { perform } from './activity.ts'
import type { GuestCourse } from './guestInvitation.ts'
import { guestChangeClosed } from './guestInvitationChange.ts'
import { changeGuestInvitation, ownGuestInvitation } from './guestInvitationCourse.ts'
import { type CreatedGuestInvitation, linkedEarlier, mailGuestInvitation } from './guestInvitationCreation.ts'
import { expectedVersion, idempotencyKey, idOf, refuseFaults } from './inputs.ts'
import { type Closed, refuseClosed, refuseStale, resentExpiryFaults } from './invitation.ts'
import { replaceLinks } from './links.ts'
import type { Store } from './store.ts'

export const resendGuestInvitationInput = z.object({
  id: idOf('GuestInvitation'),
  expiresAt: z.number().nullish(),
  revokeOldLinks: z.boolean().nullish(),
  sendEmail: z.boolean().nullish(),
  expectedVersion,
  idempotencyKey,
})
export type ResendGuestInvitationInput = z.infer<typeof resendGuestInvitationInput>

/**
 * Gives an invitation a new link and sends it; older links work for a day still, unless they are to end at
 * once. One that has expired is open again. That it was sent is recorded once the mail is.
 */
export function resendGuestInvitation(
  store: Store,
  viewer: Viewer,
  { idempotencyKey: key, ...input }: ResendGuestInvitationInput,
): Promise<CreatedGuestInvitation> {
  return perform<CreatedGuestInvitation>(
    store,
    viewer,
    toShowGuestLink('guestInvitation:update'),
    { type: 'RESEND_GUEST_INVITATION', intent: input, idempotencyKey: key, replay: linkedEarlier },
    async (tx, actor) => {
      const invitation = await ownGuestInvitation(tx, actor, 'guestInvitation:update', input.id)
      refuseStale(invitation, input.expectedVersion)
      refuseClosed(resendingClosed(invitation, tx.now))
      refuseFaults(resentExpiryFaults(invitation, input.expiresAt, tx.now))
      const { token, token_hash } = await replaceLinks(tx, 'guestInvitation', invitation, {
        endAtOnce: input.revokeOldLinks ?? false,
      })
      const guestInvitation = await changeGuestInvitation(tx, invitation, 'UPDATED', {
        token_hash,
        expires_at: input.expiresAt ?? invitation.expires_at,
        last_sent_at: tx.now,
      })
      const isOpen = guestInvitation.closed === 0
      if (isOpen && (input.sendEmail ?? true)) await mailGuestInvitation(tx, guestInvitation)
      return {
        subjectId: input.id,
        result: { guestInvitation, token: isOpen ? token : null, replayed: false },
      }
    },
  )
}

/** Why there is nothing to send: what has expired can be sent with a new end. */
export function resendingClosed(invitation: GuestCourse, now: number): Closed | undefined {
  const archived = { reason: 'ARCHIVED', closedAt: invitation.archived_at } as const
  return guestChangeClosed(invitation, now) ?? (invitation.archived_at === null ? undefined : archived)
}

import { z } from 'zod'
import type { GuestInvitation } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { perform } from './activity.ts'
import { type GuestCourse, guestInvitationById, guestInvitationStatus } from './guestInvitation.ts'
import { changeGuestInvitation, ownGuestInvitation } from './guestInvitationCourse.ts'
import { guestMessage } from './guestInvitationCreation.ts'
import { expectedVersion, idOf, orElse, refuseFaults } from './inputs.ts'
import { type Closed, expiryFaults, refuseClosed, refuseStale } from './invitation.ts'
import type { Store } from './store.ts'

export const updateGuestInvitationInput = z.object({
  id: idOf('GuestInvitation'),
  expectedVersion,
  expiresAt: z.number().nullish(),
  locale: z.string().nullish(),
  message: guestMessage.nullish(),
})
export type UpdateGuestInvitationInput = z.infer<typeof updateGuestInvitationInput>

/** Changes an invitation; what is left out stays. One that has expired is open again once it ends later. */
export function updateGuestInvitation(
  store: Store,
  viewer: Viewer,
  input: UpdateGuestInvitationInput,
): Promise<GuestInvitation> {
  return perform(
    store,
    viewer,
    'guestInvitation:update',
    { type: 'UPDATE_GUEST_INVITATION', intent: input, replay: guestInvitationById },
    async (tx, actor) => {
      const invitation = await ownGuestInvitation(tx, actor, 'guestInvitation:update', input.id)
      refuseStale(invitation, input.expectedVersion)
      refuseClosed(guestChangeClosed(invitation, tx.now))
      refuseFaults(expiryFaults(input.expiresAt, tx.now))
      const result = await changeGuestInvitation(tx, invitation, 'UPDATED', {
        expires_at: input.expiresAt ?? invitation.expires_at,
        locale: orElse(input.locale, invitation.locale),
        message: orElse(input.message, invitation.message),
      })
      return { subjectId: input.id, result }
    },
  )
}

/** Why it cannot be changed any more: it was accepted or taken back. */
export function guestChangeClosed(invitation: GuestCourse, now: number): Closed | undefined {
  const status = guestInvitationStatus(invitation, now)
  if (status === 'REVOKED') return { reason: 'REVOKED', closedAt: invitation.revoked_at }
  return status === 'ACCEPTED' ? { reason: 'ALREADY_ACCEPTED', closedAt: invitation.accepted_at } : undefined
}

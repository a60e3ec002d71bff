import { z } from 'zod'
import type { GuestInvitation } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { perform } from './activity.ts'
import { type GuestCourse, guestInvitationById, guestInvitationClosed } from './guestInvitation.ts'
import { changeGuestInvitation, ownGuestInvitation } from './guestInvitationCourse.ts'
import { idOf } from './inputs.ts'
import { type Closed, refuseClosed } from './invitation.ts'
import type { Store } from './store.ts'

export const revokeGuestInvitationInput = z.object({ id: idOf('GuestInvitation') })

/** Takes an open invitation back: its link stops working. */
export function revokeGuestInvitation(store: Store, viewer: Viewer, id: string): Promise<GuestInvitation> {
  return perform(
    store,
    viewer,
    'guestInvitation:revoke',
    { type: 'REVOKE_GUEST_INVITATION', intent: { id }, replay: guestInvitationById },
    async (tx, actor) => {
      const invitation = await ownGuestInvitation(tx, actor, 'guestInvitation:revoke', id)
      refuseClosed(guestRevocationClosed(invitation, tx.now))
      const result = await changeGuestInvitation(tx, invitation, 'REVOKED', { revoked_at: tx.now })
      return { subjectId: id, result }
    },
  )
}

/** Why there is nothing left to take back: what is archived can still be. */
export const guestRevocationClosed = (invitation: GuestCourse, now: number): Closed | undefined =>
  guestInvitationClosed({ ...invitation, archived_at: null }, now)

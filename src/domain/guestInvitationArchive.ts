import { z } from 'zod'
import type { GuestInvitation } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { perform } from './activity.ts'
import { ConflictError } from './errors.ts'
import { guestInvitationById } from './guestInvitation.ts'
import { changeGuestInvitation, ownGuestInvitation } from './guestInvitationCourse.ts'
import { idOf } from './inputs.ts'
import { type Closed, refuseClosed } from './invitation.ts'
import type { Store } from './store.ts'

export const archiveGuestInvitationInput = z.object({ id: idOf('GuestInvitation') })

/** Puts an invitation away, whatever its status: an open one cannot be accepted, and blocks no other. */
export function archiveGuestInvitation(store: Store, viewer: Viewer, id: string): Promise<GuestInvitation> {
  return perform(
    store,
    viewer,
    'guestInvitation:update',
    { type: 'ARCHIVE_GUEST_INVITATION', intent: { id }, replay: guestInvitationById },
    async (tx, actor) => {
      const invitation = await ownGuestInvitation(tx, actor, 'guestInvitation:update', id)
      refuseClosed(archivingClosed(invitation))
      const result = await changeGuestInvitation(tx, invitation, 'ARCHIVED', { archived_at: tx.now })
      return { subjectId: id, result }
    },
  )
}

/** Why it cannot be put away: it has been. */
export const archivingClosed = ({ archived_at }: GuestInvitation): Closed | undefined =>
  archived_at === null ? undefined : { reason: 'ARCHIVED', closedAt: archived_at }

export const unarchiveGuestInvitationInput = z.object({ id: idOf('GuestInvitation') })

/** Takes an invitation out again; it is open again where it was, and its time has not run out. */
export function unarchiveGuestInvitation(store: Store, viewer: Viewer, id: string): Promise<GuestInvitation> {
  return perform(
    store,
    viewer,
    'guestInvitation:update',
    { type: 'UNARCHIVE_GUEST_INVITATION', intent: { id }, replay: guestInvitationById },
    async (tx, actor) => {
      const invitation = await ownGuestInvitation(tx, actor, 'guestInvitation:update', id)
      const conflict = unarchivingConflict(invitation)
      if (conflict) throw conflict
      const result = await changeGuestInvitation(tx, invitation, 'UNARCHIVED', { archived_at: null })
      return { subjectId: id, result }
    },
  )
}

/** Why it cannot be taken out: it is not put away. */
export const unarchivingConflict = (invitation: GuestInvitation): ConflictError | undefined =>
  invitation.archived_at === null
    ? new ConflictError('This invitation is not archived: there is nothing to take out.', invitation)
    : undefined

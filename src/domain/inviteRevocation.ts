import { z } from 'zod'
import type { Invite } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { perform } from './activity.ts'
import { ConflictError, InvitationClosedError, type UserError } from './errors.ts'
import { idOf } from './inputs.ts'
import { type Closed, refuseClosed } from './invitation.ts'
import { grantClosed, type InviteCourse, inviteById } from './invite.ts'
import { changeInvite, ownInvite } from './inviteCourse.ts'
import type { Store } from './store.ts'

export const revokeInviteInput = z.object({ id: idOf('Invite') })

/** Closes the invite: nobody accepts it any more, and what it granted opens nothing. */
export function revokeInvite(store: Store, viewer: Viewer, id: string): Promise<Invite> {
  return perform(
    store,
    viewer,
    'invite:revoke',
    { type: 'REVOKE_INVITE', intent: { id }, replay: inviteById },
    async (tx, actor) => {
      const invite = await ownInvite(tx, actor, 'invite:revoke', id)
      refuseClosed(revocationClosed(invite, tx.now))
      const result = await changeInvite(tx, invite, 'REVOKED', { revoked_at: tx.now })
      return { subjectId: id, result }
    },
  )
}

/** Why there is nothing left to take back: what is scheduled or exhausted can still be. */
export function revocationClosed(invite: InviteCourse, now: number): Closed | undefined {
  const closed = grantClosed(invite, now)
  return closed?.reason === 'NOT_YET_VALID' ? undefined : closed
}

export const restoreInviteInput = z.object({ id: idOf('Invite') })

/** Gives an invite again that was taken back: its link works as before, and what it granted opens again. */
export function restoreInvite(store: Store, viewer: Viewer, id: string): Promise<Invite> {
  return perform(
    store,
    viewer,
    'invite:update',
    { type: 'RESTORE_INVITE', intent: { id }, replay: inviteById },
    async (tx, actor) => {
      const invite = await ownInvite(tx, actor, 'invite:update', id)
      const obstacle = whyNotRestored(invite, tx.now)
      if (obstacle) throw obstacle
      const result = await changeInvite(tx, invite, 'RESTORED', { revoked_at: null })
      return { subjectId: id, result }
    },
  )
}

/** What keeps the invite from being given again: it was not taken back, or its window has ended since. */
export function whyNotRestored(invite: Invite, now: number): UserError | undefined {
  if (invite.revoked_at === null) {
    return new ConflictError('This invite is not revoked: there is nothing to restore.', invite)
  }
  const closed = revocationClosed({ ...invite, revoked_at: null }, now)
  return closed && new InvitationClosedError(closed)
}

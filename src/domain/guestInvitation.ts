import type { GuestInvitation } from '#db/tables.ts'
import type { Closed, InvitationStatus } from './invitation.ts'
import { settleExpiry } from './openInvitations.ts'
import type { Tx } from './store.ts'

export type GuestCourse = Pick<GuestInvitation, 'revoked_at' | 'accepted_at' | 'expires_at' | 'archived_at'>

/** The status at an instant: computed whenever it is read, by no job. */
export function guestInvitationStatus(invitation: GuestCourse, now: number): InvitationStatus {
  if (invitation.revoked_at !== null) return 'REVOKED'
  if (invitation.accepted_at !== null) return 'ACCEPTED'
  return invitation.expires_at <= now ? 'EXPIRED' : 'PENDING'
}

/** Whether it ran out before anybody accepted it: a flag beside the status. */
export const isExpired = (invitation: GuestCourse, now: number) =>
  invitation.accepted_at === null && invitation.expires_at <= now

/** Why it cannot be accepted at this instant; undefined if it can. */
export function guestInvitationClosed(invitation: GuestCourse, now: number): Closed | undefined {
  const status = guestInvitationStatus(invitation, now)
  if (status === 'REVOKED') return { reason: 'REVOKED', closedAt: invitation.revoked_at }
  if (status === 'ACCEPTED') return { reason: 'ALREADY_ACCEPTED', closedAt: invitation.accepted_at }
  if (status === 'EXPIRED') return { reason: 'EXPIRED', closedAt: invitation.expires_at }
  if (invitation.archived_at !== null) return { reason: 'ARCHIVED', closedAt: invitation.archived_at }
  return undefined
}

/** Records, once, that the invitation has expired. */
export const settleGuestInvitation = (tx: Tx, invitation: GuestInvitation) =>
  settleExpiry(tx, 'guest_invitations', invitation)

/** The guest invitation with this id, which is known to be there. */
export const guestInvitationById = (tx: Tx, id: string): Promise<GuestInvitation> =>
  tx.db.selectFrom('guest_invitations').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

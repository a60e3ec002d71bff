import { sql } from 'kysely'
import { idRows } from '#db/rows.ts'
import type { GuestInvitation } from '#db/tables.ts'
import { InvitationClosedError, type UserError } from './errors.ts'
import { guestInvitationStatus } from './guestInvitation.ts'
import { unarchivingConflict } from './guestInvitationArchive.ts'
import { openAlready } from './guestInvitationCourse.ts'
import { resendingClosed } from './guestInvitationResending.ts'
import type { Store } from './store.ts'

/** For each of these invitations another one that is open for its address: it cannot be open again beside it. */
export async function openRivals({ db, now }: Store, ids: readonly string[]): Promise<(string | null)[]> {
  const { rows } = await sql<{ id: string; rival_id: string }>`
    select own.id, rival.id as rival_id from guest_invitations as own
    join guest_invitations as rival on rival.organization_id = own.organization_id
      and rival.email_key = own.email_key and rival.closed = 0 and rival.expires_at > ${now()}
      and rival.id <> own.id
    where own.id in (select value from ${idRows(ids)})`.execute(db)
  const rivals = new Map(rows.map((row) => [row.id, row.rival_id]))
  return ids.map((id) => rivals.get(id) ?? null)
}

/** What keeps an invitation from being sent again, where another one is open for its address perhaps. */
export function whyNotResent(
  invitation: GuestInvitation,
  rivalId: string | null,
  now: number,
): UserError | undefined {
  const closed = resendingClosed(invitation, now)
  if (closed) return new InvitationClosedError(closed)
  return rivalId && invitation.expires_at <= now ? openAlready({ id: rivalId }) : undefined
}

/** What keeps an invitation from being taken out again, where another one is open for its address perhaps. */
export function whyNotUnarchived(
  invitation: GuestInvitation,
  rivalId: string | null,
  now: number,
): UserError | undefined {
  const isOpen = guestInvitationStatus(invitation, now) === 'PENDING'
  return unarchivingConflict(invitation) ?? (rivalId && isOpen ? openAlready({ id: rivalId }) : undefined)
}

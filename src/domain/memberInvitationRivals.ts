import { sql } from 'kysely'
import { idRows } from '#db/rows.ts'
import type { MemberInvitation } from '#db/tables.ts'
import { InvitationClosedError, type UserError } from './errors.ts'
import { memberResendingClosed } from './memberInvitation.ts'
import { memberAlready, openAlready } from './memberInvitationCreation.ts'
import type { Store } from './store.ts'

/** What has the address of an invitation now: a membership, or another invitation that is open. */
export interface Rivals {
  membership_id: string | null
  invitation_id: string | null
}

const NONE: Rivals = { membership_id: null, invitation_id: null }

/** For each of these invitations what it cannot be open again beside. */
export async function memberRivals({ db, now }: Store, ids: readonly string[]): Promise<Rivals[]> {
  const { rows } = await sql<Rivals & { id: string }>`
    select own.id, max(memberships.id) as membership_id, max(rival.id) as invitation_id
    from member_invitations as own
    left join users on users.email_key = own.email_key
    left join memberships on memberships.user_id = users.id
      and memberships.organization_id = own.organization_id and memberships.removed_at is null
    left join member_invitations as rival on rival.organization_id = own.organization_id
      and rival.email_key = own.email_key and rival.closed = 0 and rival.expires_at > ${now()}
      and rival.id <> own.id
    where own.id in (select value from ${idRows(ids)}) group by own.id`.execute(db)
  const rivals = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => rivals.get(id) ?? NONE)
}

/** What keeps an invitation from being sent again, where its address has something else by now perhaps. */
export function whyNotResent(
  invitation: MemberInvitation,
  { membership_id, invitation_id }: Rivals,
  now: number,
): UserError | undefined {
  const closed = memberResendingClosed(invitation, now)
  if (closed) return new InvitationClosedError(closed)
  if (invitation.expires_at > now) return undefined
  if (membership_id) return memberAlready({ id: membership_id })
  return invitation_id ? openAlready({ id: invitation_id }) : undefined
}

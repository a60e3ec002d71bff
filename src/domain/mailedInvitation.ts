import type { GuestInvitation, Mail } from '#db/tables.ts'
import { guestInvitationClosed, guestInvitationStatus, settleGuestInvitation } from './guestInvitation.ts'
import { typeOfId } from './ids.ts'
import type { Closed } from './invitation.ts'
import { addLink } from './links.ts'
import { memberInvitationStatus, settleMemberInvitation } from './memberInvitation.ts'
import { memberAcceptanceClosed } from './memberInvitationAcceptance.ts'
import type { Tx } from './store.ts'

/** The kinds of invitations that are mailed, and how each is judged. */
const kinds = {
  GuestInvitation: {
    table: 'guest_invitations',
    secret: 'guestInvitation',
    closed: async (_: Tx, invitation: GuestInvitation, now: number) => guestInvitationClosed(invitation, now),
    status: guestInvitationStatus,
    settle: settleGuestInvitation,
  },
  MemberInvitation: {
    table: 'member_invitations',
    secret: 'memberInvitation',
    closed: memberAcceptanceClosed,
    status: memberInvitationStatus,
    settle: settleMemberInvitation,
  },
} as const

/** What a mail says of its invitation. */
interface MailedInvitation {
  id: string
  organization_id: string
  expires_at: number
  message: string | null
  /** Of the one who is invited, where such invitations know it. */
  name?: string | null
}

/** The invitation that a mail carries the link of; undefined for one that carries none. */
export async function mailedInvitation(tx: Tx, mail: Mail) {
  const id = mail.invitation_id
  if (id === null) return undefined
  const kind = kinds[typeOfId(id) as keyof typeof kinds]
  const row = await tx.db.selectFrom(kind.table).selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const invitation: MailedInvitation = row
  return {
    ...invitation,
    /** Why its link would open nothing. */
    closed: (): Promise<Closed | undefined> => kind.closed(tx, row as never, tx.now),
    /** A token of its own for this delivery. */
    newToken: () => addLink(tx, kind.secret, id),
    /** Records that a mail server has taken the mail. */
    async recordSent() {
      // What time has changed unseen comes before it in the log.
      const status = kind.status((await kind.settle(tx, row as never)) as never, tx.now)
      tx.record({
        organizationId: row.organization_id,
        invitationId: id,
        type: 'SENT',
        status,
        previousStatus: status,
      })
    },
  }
}

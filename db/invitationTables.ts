import type { Generated } from 'kysely'

// Invitations of every kind, what came of them, and the mails that tell of them; as in `tables.ts`.

/** What all kinds of invitations share: their place in time and in the log. */
interface InvitationColumns {
  id: string
  organization_id: string
  token_hash: string
  created_by: string | null
  created_at: number
  updated_at: number
  revoked_at: number | null
  /** When time alone will next change the status; null: never again. The clock walks this. */
  due_at: number | null
  /** Counts the changes that people make, not the uses: who changes it says which one they have seen. */
  version: Generated<number>
  /** When somebody who holds the token first looked at it. */
  previewed_at: number | null
}

export interface InviteTable extends InvitationColumns {
  integration_id: string
  name: string | null
  name_key: string | null
  valid_from: number
  valid_to: number | null
  max_uses: number | null
  uses: number
  /** JSON: `[{ locale, text }]` in the order in which they were given. */
  messages: string
}

export interface InvitePortalTable {
  invite_id: string
  position: number
  portal_id: string
}

export interface AccessGrantTable {
  id: string
  organization_id: string
  invite_id: string
  token_hash: string
  guest_name: string | null
  created_at: number
}

/** Every attempt to open a portal with a grant, allowed or refused. */
export interface PortalOpeningTable {
  id: string
  organization_id: string
  portal_id: string
  grant_id: string
  allowed: number
  /** Why it was refused: a `ClosedReason`, or NOT_GRANTED. */
  refusal: string | null
  at: number
}

export interface GuestInvitationTable extends InvitationColumns {
  parent_organization_id: string | null
  email: string
  /** The address in lower case: one open invitation per host and key. */
  email_key: string
  first_sent_at: number
  last_sent_at: number
  expires_at: number
  accepted_at: number | null
  accepted_via: string | null
  guest_organization_id: string | null
  archived_at: number | null
  /** In which language it is mailed; null where nobody said. */
  locale: string | null
  /** What the inviter says to the invited one. */
  message: string | null
  /** 1 once it is accepted, revoked, archived or known to have expired: it no longer blocks a new one. */
  closed: number
}

/** An e-mail invitation by which a person becomes a member. */
export interface MemberInvitationTable extends InvitationColumns {
  email: string
  /** The address in lower case: one open invitation per organization and key. */
  email_key: string
  name: string | null
  name_key: string | null
  /** JSON list. */
  tags: string
  role: string
  /** The user or key that last gave the role: who made it, or who has made more of it, or sent it again. */
  granted_by: string
  access_type: string
  locale: string | null
  message: string | null
  first_sent_at: number
  last_sent_at: number
  expires_at: number
  accepted_at: number | null
  declined_at: number | null
  /** Who accepted. */
  user_id: string | null
  /** 1 once it is accepted, declined, revoked or known to have expired: it no longer blocks a new one. */
  closed: number
}

/** A link by which whoever has it becomes a member: at most one per role that is not revoked. */
export interface JoinLinkTable extends InvitationColumns {
  role: string
  /** The user or key that last gave the role: who made it, or who has made more of it, or sent it again. */
  granted_by: string
  expires_at: number | null
  max_uses: number | null
  uses: number
}

/** Secrets of guest and member invitations beside their newest: those mailed, and those that a resend replaced. */
export interface InvitationLinkTable {
  token_hash: string
  invitation_id: string
  /** 1 for one that nobody but the mailbox was given; 0 for one that was shown to the inviter. */
  mailed: number
  created_at: number
  /** Null: as long as the invitation is open. */
  expires_at: number | null
}

/**
 * The outbox: what is to be mailed, written together with what it tells of. It holds no secret: the link
 * is made when the mail is delivered.
 */
export interface MailTable {
  id: string
  organization_id: string
  invitation_id: string | null
  user_id: string | null
  /** The user or key on whose behalf it is sent. */
  actor_id: string | null
  template: string
  locale: string | null
  email: string
  email_key: string
  /** QUEUED, SENT once a mail server has taken it, FAILED once it is given up. */
  state: string
  attempts: number
  /** While it is queued: when it is next tried, or when who tries it now is taken to have died. */
  due_at: number | null
  /** Since when somebody is sending it; null while it waits, and afterwards. */
  claimed_at: number | null
  last_error: string | null
  created_at: number
  sent_at: number | null
  /** When it was given up. */
  failed_at: number | null
}

import type { Generated, Insertable, Selectable } from 'kysely'
import type {
  AccessGrantTable,
  GuestInvitationTable,
  InvitationLinkTable,
  InvitePortalTable,
  InviteTable,
  JoinLinkTable,
  MailTable,
  MemberInvitationTable,
  PortalOpeningTable,
} from './invitationTables.ts'

// Instants are milliseconds since 1970, flags 0 or 1, hashes hexadecimal SHA-256: the same in every dialect.

/** Who invites: everything else belongs to one of these. */
interface OrganizationTable {
  id: string
  name: string
  /** The name as it is compared: trimmed, Unicode lower case. So in every `name_key`. */
  name_key: string
  parent_id: string | null
  /** How long an access invite is open when its creator does not say. */
  default_validity: number
  /** The number of this organization's newest event: see `InvitationEventTable`. */
  last_sequence: number
  /** Counts the changes of what it is called and looks like. */
  version: Generated<number>
  /** `#rrggbb` in lower case; null where none is chosen. */
  color: Generated<string | null>
  created_at: number
}

interface ApiKeyTable {
  id: string
  organization_id: string
  name: string | null
  /** What is shown to recognize the key by; not a secret. */
  prefix: string
  hash: string
  /** The last characters of the secret, to tell keys apart; null for a public key. */
  last_four: string | null
  /** For keys that sign requests: compressed P-256, hexadecimal; `hash` is then its own. */
  public_key: string | null
  role: string
  /** JSON list of permissions within the role; null for all of them. */
  scopes: string | null
  /** The user or key that made it; null where the server's own command did. */
  created_by: string | null
  /** To the minute. */
  last_used_at: number | null
  /** Made by a development start; never honoured in production. */
  demo: number
  created_at: number
  expires_at: number | null
  revoked_at: number | null
}

interface IntegrationTable {
  id: string
  organization_id: string
  name: string
  name_key: string
  created_at: number
}

interface PortalTable {
  id: string
  organization_id: string
  integration_id: string
  name: string
  name_key: string
  created_at: number
}

interface OrganizationConnectionTable {
  id: string
  /** Who asked for the connection. */
  host_id: string
  guest_id: string
  created_at: number
  /** Null while it is only asked for. */
  accepted_at: number | null
  /** JSON lists: what each lets the other do beside reading. */
  host_allows: string
  guest_allows: string
}

/**
 * A person: one whom an identity provider vouches for, or one who accepted an invitation by a token, and has
 * not signed in yet. Then the issuer is empty, and the subject the `email_key` where their mailbox got the
 * token. Where it was handed to them, the subject is the invitation's id: nothing shows that the address is
 * theirs, and nothing may follow from it.
 */
interface UserTable {
  id: string
  issuer: string
  subject: string
  /** Verified, or null; of one whose token was handed to them, as invited. So `email_key`. */
  email: string | null
  email_key: string | null
  name: string | null
  created_at: number
}

/** What a person is in an organization. */
interface MembershipTable {
  id: string
  organization_id: string
  user_id: string
  role: string
  /** WEB signs in through the identity provider, API uses keys, ALL both. */
  access_type: string
  /** JSON list. */
  tags: string
  created_at: number
  removed_at: number | null
  /** Counts the changes, as of invitations. */
  version: Generated<number>
  /** By what they came, where they came by an invitation or a link. */
  invitation_id: string | null
}

/** What was done, or was refused to be done. */
interface ActivityTable {
  id: string
  organization_id: string
  /** The user or key; null for a guest without either. */
  actor_id: string | null
  type: string
  status: string
  /** JSON: the input, secrets left out. */
  intent: string
  /** What it made or changed. */
  subject_id: string | null
  /** JSON list, where one call made several things; null where `subject_id` says it. */
  subject_ids: string | null
  /** The code of the error that refused it. */
  failure: string | null
  fingerprint: string
  created_at: number
}

/** The log: per organization numbered 1, 2, 3, … without a gap, in the order of commit. */
interface InvitationEventTable {
  organization_id: string
  sequence: number
  type: string
  invitation_id: string
  status: string
  previous_status: string | null
  occurred_at: number
  /** The user or key that did it; null for a guest, and for what time alone caused. */
  actor_id: string | null
}

interface IdempotencyKeyTable {
  organization_id: string
  key: string
  /** Hash of the operation and its input. */
  fingerprint: string
  /** The id of what was made; of several things, what became of each, as JSON. */
  result_id: string
  created_at: number
}

export interface Tables {
  organizations: OrganizationTable
  api_keys: ApiKeyTable
  integrations: IntegrationTable
  portals: PortalTable
  invites: InviteTable
  invite_portals: InvitePortalTable
  access_grants: AccessGrantTable
  portal_openings: PortalOpeningTable
  guest_invitations: GuestInvitationTable
  member_invitations: MemberInvitationTable
  join_links: JoinLinkTable
  invitation_links: InvitationLinkTable
  mails: MailTable
  organization_connections: OrganizationConnectionTable
  users: UserTable
  memberships: MembershipTable
  activities: ActivityTable
  invitation_events: InvitationEventTable
  idempotency_keys: IdempotencyKeyTable
}

export type Organization = Selectable<OrganizationTable>
export type ApiKey = Selectable<ApiKeyTable>
export type Integration = Selectable<IntegrationTable>
export type Portal = Selectable<PortalTable>
export type Invite = Selectable<InviteTable>
export type AccessGrant = Selectable<AccessGrantTable>
export type PortalOpening = Selectable<PortalOpeningTable>
export type GuestInvitation = Selectable<GuestInvitationTable>
export type MemberInvitation = Selectable<MemberInvitationTable>
export type JoinLink = Selectable<JoinLinkTable>
export type Mail = Selectable<MailTable>
export type OrganizationConnection = Selectable<OrganizationConnectionTable>
export type User = Selectable<UserTable>
export type Membership = Selectable<MembershipTable>
export type Activity = Selectable<ActivityTable>
export type InvitationEvent = Selectable<InvitationEventTable>
export type IdempotencyKey = Selectable<IdempotencyKeyTable>
export type NewRow<Table extends keyof Tables> = Insertable<Tables[Table]>

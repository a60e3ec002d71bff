import { type RawBuilder, sql } from 'kysely'
import { prepared } from '#db/prepared.ts'
import { idRows } from '#db/rows.ts'
import type { GuestInvitation, Invite, JoinLink, MemberInvitation } from '#db/tables.ts'
import type { Role, Viewer } from './access.ts'
import { RateLimitedError, Refusal } from './errors.ts'
import { guestInvitationClosed, guestInvitationStatus } from './guestInvitation.ts'
import type { Closed, InvitationStatus } from './invitation.ts'
import { inviteClosed, inviteStatus, usesRemaining } from './invite.ts'
import { joiningClosed } from './joining.ts'
import { joinLinkStatus } from './joinLink.ts'
import { hasToken } from './links.ts'
import type { LocalizedText } from './locales.ts'
import { noteLook } from './looks.ts'
import { memberInvitationStatus } from './memberInvitation.ts'
import { memberAcceptanceClosed } from './memberInvitationAcceptance.ts'
import { maskEmail } from './names.ts'
import { hashSecret, kindOfSecret } from './secrets.ts'
import type { Store } from './store.ts'
import { roleOf } from './user.ts'

export const invitationKinds = ['ACCESS', 'GUEST', 'MEMBER', 'JOIN'] as const

/** What every kind of invitation has. */
type Previewed = Pick<Invite, 'id' | 'organization_id' | 'version' | 'previewed_at'>

/** What a token's holder may know before accepting. */
export interface InvitationPreview {
  kind: (typeof invitationKinds)[number]
  /** What is previewed, of whatever kind. */
  invitation: Previewed
  /** The invite of an access invitation: its portals and messages are read only where they are asked for. */
  invite: Invite | null
  organizationName: string
  createdByName: string | null
  /** Masked. */
  email: string | null
  name: string | null
  /** What the one who accepts becomes, where that is a member. */
  role: Role | null
  /** What the inviter says, in one language; an invite has its own. */
  message: LocalizedText | null
  status: InvitationStatus
  validFrom: number | null
  expiresAt: number | null
  usesRemaining: number | null
  closed: Closed | undefined
}

/** Where each kind is stored. */
const tables = {
  ACCESS: 'invites',
  GUEST: 'guest_invitations',
  MEMBER: 'member_invitations',
  JOIN: 'join_links',
} as const satisfies Record<(typeof invitationKinds)[number], string>

/**
 * Looks at what a token is for. Consumes nothing and changes nothing of it, but for the note of when somebody
 * first looked; null for a token that nobody was given.
 */
export async function previewInvitation(
  store: Store,
  viewer: Viewer,
  token: string,
): Promise<InvitationPreview | null> {
  const preview = await glanceAtInvitation(store, viewer, token)
  if (preview) noteLook(store, tables[preview.kind], preview.invitation)
  return preview
}

/** The same without a note: a page is opened by many who are no readers, mail scanners first. */
export async function glanceAtInvitation(
  store: Store,
  viewer: Viewer,
  token: string,
): Promise<InvitationPreview | null> {
  try {
    return await store.throttle.lookUp(viewer, () => previewOf(store, token))
  } catch (error) {
    if (!(error instanceof RateLimitedError)) throw error
    throw new Refusal(error.code, error.message, { retryAfter: error.retryAfter })
  }
}

async function previewOf(store: Store, token: string): Promise<InvitationPreview | null> {
  const kind = kindOfSecret(token)
  if (kind === 'invite') return previewInvite(store, token)
  if (kind === 'guestInvitation') return previewGuestInvitation(store, token)
  if (kind === 'memberInvitation') return previewMemberInvitation(store, token)
  return kind === 'joinLink' ? previewJoinLink(store, token) : null
}

async function previewInvite(store: Store, token: string): Promise<InvitationPreview | null> {
  const [invite] = await inviteOf(store.db, { hash: hashSecret(token), now: store.now() })
  if (!invite) return null
  const now = store.now()
  return {
    kind: 'ACCESS',
    invitation: invite,
    invite,
    organizationName: invite.organization_name,
    createdByName: invite.created_by_name,
    email: null,
    name: invite.name,
    role: null,
    message: null,
    status: inviteStatus(invite, now),
    validFrom: invite.valid_from,
    expiresAt: invite.valid_to,
    usesRemaining: usesRemaining(invite),
    closed: inviteClosed(invite, now),
  }
}

async function previewGuestInvitation(store: Store, token: string): Promise<InvitationPreview | null> {
  const now = store.now()
  const [invitation] = await guestInvitationOf(store.db, { hash: hashSecret(token), now })
  if (!invitation) return null
  const closed = guestInvitationClosed(invitation, now)
  return {
    kind: 'GUEST',
    invitation,
    invite: null,
    organizationName: invitation.organization_name,
    createdByName: invitation.created_by_name,
    email: maskEmail(invitation.email),
    name: null,
    role: null,
    message: written(invitation),
    status: guestInvitationStatus(invitation, now),
    validFrom: null,
    expiresAt: invitation.expires_at,
    usesRemaining: closed ? 0 : 1,
    closed,
  }
}

async function previewMemberInvitation(store: Store, token: string): Promise<InvitationPreview | null> {
  const now = store.now()
  const [invitation] = await memberInvitationOf(store.db, { hash: hashSecret(token), now })
  if (!invitation) return null
  const closed = await memberAcceptanceClosed(store, invitation, now)
  return {
    kind: 'MEMBER',
    invitation,
    invite: null,
    organizationName: invitation.organization_name,
    createdByName: invitation.created_by_name,
    email: maskEmail(invitation.email),
    name: invitation.name,
    role: roleOf(invitation),
    message: written(invitation),
    status: memberInvitationStatus(invitation, now),
    validFrom: null,
    expiresAt: invitation.expires_at,
    usesRemaining: closed ? 0 : 1,
    closed,
  }
}

/** The language of a text of which nobody said it, as BCP 47 has it. */
const UNDETERMINED = 'und'

/** What the inviter has written to one person. */
const written = ({ message, locale }: Pick<MemberInvitation, 'message' | 'locale'>): LocalizedText | null =>
  message === null ? null : { text: message, locale: locale ?? UNDETERMINED }

async function previewJoinLink(store: Store, token: string): Promise<InvitationPreview | null> {
  const now = store.now()
  const [link] = await joinLinkOf(store.db, { hash: hashSecret(token), now })
  if (!link) return null
  return {
    kind: 'JOIN',
    invitation: link,
    invite: null,
    organizationName: link.organization_name,
    createdByName: link.created_by_name,
    email: null,
    name: null,
    role: roleOf(link),
    message: null,
    status: joinLinkStatus(link, now),
    validFrom: null,
    expiresAt: link.expires_at,
    usesRemaining: usesRemaining(link),
    closed: await joiningClosed(store, link, now),
  }
}

type Sender = { organization_name: string; created_by_name: string | null }
type IsMeant = (hash: string, now: number) => RawBuilder<unknown>

const withSender = <Row>(table: (typeof tables)[keyof typeof tables], isMeant: IsMeant) =>
  prepared<{ hash: string; now: number }, Row & Sender>(
    (_, value) => sql`
      select invitation.*, organizations.name as organization_name,
        coalesce(api_keys.name, users.name) as created_by_name
      from (select * from ${sql.table(table)} where ${isMeant(value('hash'), value('now'))}) as invitation
      join organizations on organizations.id = invitation.organization_id
      left join api_keys on api_keys.id = invitation.created_by
      left join users on users.id = invitation.created_by`,
  )

const isItsToken: IsMeant = (hash) => sql`token_hash = ${hash}`
const inviteOf = withSender<Invite>(tables.ACCESS, isItsToken)
const guestInvitationOf = withSender<GuestInvitation>(tables.GUEST, hasToken)
const memberInvitationOf = withSender<MemberInvitation>(tables.MEMBER, hasToken)
const joinLinkOf = withSender<JoinLink>(tables.JOIN, isItsToken)

/** The names of the portals that invites open, for each invite in its order. */
export async function portalNamesOf(store: Store, inviteIds: readonly string[]): Promise<string[][]> {
  const rows = await store.db
    .selectFrom('invite_portals')
    .innerJoin('portals', 'portals.id', 'invite_portals.portal_id')
    .select(['invite_id', 'name'])
    .where('invite_id', 'in', sql<string>`(select value from ${idRows(inviteIds)})`)
    .orderBy('position')
    .execute()
  const names = Map.groupBy(rows, (row) => row.invite_id)
  return inviteIds.map((id) => (names.get(id) ?? []).map((row) => row.name))
}

import { sql } from 'kysely'
import { prepared } from '#db/prepared.ts'
import { idRows } from '#db/rows.ts'
import type { GuestInvitation, Invite } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { RateLimitedError, Refusal } from './errors.ts'
import { guestInvitationClosed, guestInvitationStatus } from './guestInvitation.ts'
import type { Closed, InvitationStatus } from './invitation.ts'
import { inviteClosed, inviteStatus, usesRemaining } from './invite.ts'
import { maskEmail } from './names.ts'
import { hashSecret, kindOfSecret } from './secrets.ts'
import type { Store } from './store.ts'

export const invitationKinds = ['ACCESS', 'GUEST', 'MEMBER'] as const

/** What a token's holder may know before accepting. */
export interface InvitationPreview {
  kind: (typeof invitationKinds)[number]
  /** The invite of an access invitation: its portals and messages are read only where they are asked for. */
  invite: Invite | null
  organizationName: string
  createdByName: string | null
  /** Masked. */
  email: string | null
  name: string | null
  status: InvitationStatus
  validFrom: number | null
  expiresAt: number | null
  usesRemaining: number | null
  closed: Closed | undefined
}

/** Looks at what a token is for. Changes nothing and consumes nothing; null for a token that nobody was given. */
export async function previewInvitation(
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
  return null
}

type Sender = { organization_name: string; created_by_name: string | null }

async function previewInvite(store: Store, token: string): Promise<InvitationPreview | null> {
  const [invite] = await inviteWithSender(store.db, { hash: hashSecret(token) })
  if (!invite) return null
  const now = store.now()
  return {
    kind: 'ACCESS',
    invite,
    organizationName: invite.organization_name,
    createdByName: invite.created_by_name,
    email: null,
    name: invite.name,
    status: inviteStatus(invite, now),
    validFrom: invite.valid_from,
    expiresAt: invite.valid_to,
    usesRemaining: usesRemaining(invite),
    closed: inviteClosed(invite, now),
  }
}

async function previewGuestInvitation(store: Store, token: string): Promise<InvitationPreview | null> {
  const [invitation] = await guestInvitationWithSender(store.db, { hash: hashSecret(token) })
  if (!invitation) return null
  const now = store.now()
  const closed = guestInvitationClosed(invitation, now)
  return {
    kind: 'GUEST',
    invite: null,
    organizationName: invitation.organization_name,
    createdByName: invitation.created_by_name,
    email: maskEmail(invitation.email),
    name: null,
    status: guestInvitationStatus(invitation, now),
    validFrom: null,
    expiresAt: invitation.expires_at,
    usesRemaining: closed ? 0 : 1,
    closed,
  }
}

const withSender = <Row>(table: 'invites' | 'guest_invitations') =>
  prepared<{ hash: string }, Row & Sender>(
    (_, value) => sql`
      select invitation.*, organizations.name as organization_name,
        coalesce(api_keys.name, users.name) as created_by_name
      from ${sql.table(table)} as invitation
      join organizations on organizations.id = invitation.organization_id
      left join api_keys on api_keys.id = invitation.created_by
      left join users on users.id = invitation.created_by
      where invitation.token_hash = ${value('hash')}`,
  )
const inviteWithSender = withSender<Invite>('invites')
const guestInvitationWithSender = withSender<GuestInvitation>('guest_invitations')

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

import { sql } from 'kysely'
import { idRows } from '#db/rows.ts'
import type { MemberInvitation, Membership, Organization } from '#db/tables.ts'
import { maySee, organizationsOf, type Permission, type SignedIn, type Viewer } from './access.ts'
import { NotFoundError } from './errors.ts'
import type { Closed, InvitationStatus } from './invitation.ts'
import { queueMail } from './mail.ts'
import { settleExpiry } from './openInvitations.ts'
import type { Store, Tx } from './store.ts'

type Course = Pick<MemberInvitation, 'revoked_at' | 'accepted_at' | 'declined_at' | 'expires_at'>

/** The status at an instant: computed whenever it is read, by no job. */
export function memberInvitationStatus(invitation: Course, now: number): InvitationStatus {
  if (invitation.revoked_at !== null) return 'REVOKED'
  if (invitation.accepted_at !== null) return 'ACCEPTED'
  if (invitation.declined_at !== null) return 'DECLINED'
  return invitation.expires_at <= now ? 'EXPIRED' : 'PENDING'
}

/** Why it is open no more at this instant; undefined if it is. */
export function memberInvitationClosed(invitation: Course, now: number): Closed | undefined {
  const status = memberInvitationStatus(invitation, now)
  if (status === 'REVOKED') return { reason: 'REVOKED', closedAt: invitation.revoked_at }
  if (status === 'ACCEPTED') return { reason: 'ALREADY_ACCEPTED', closedAt: invitation.accepted_at }
  if (status === 'DECLINED') return { reason: 'DECLINED', closedAt: invitation.declined_at }
  if (status === 'EXPIRED') return { reason: 'EXPIRED', closedAt: invitation.expires_at }
  return undefined
}

/** Why it cannot be sent again: what has merely expired can. */
export function memberResendingClosed(invitation: Course, now: number): Closed | undefined {
  const closed = memberInvitationClosed(invitation, now)
  return closed?.reason === 'EXPIRED' ? undefined : closed
}

/** Records, once, that the invitation has expired. */
export const settleMemberInvitation = (tx: Tx, invitation: MemberInvitation) =>
  settleExpiry(tx, 'member_invitations', invitation)

/** Puts the mail that carries its link into the outbox. */
export const mailMemberInvitation = (tx: Tx, { id, organization_id, email, locale }: MemberInvitation) =>
  queueMail(tx, {
    organizationId: organization_id,
    template: 'member_invitation',
    email,
    locale,
    invitationId: id,
  })

export const memberInvitationById = (tx: Tx, id: string): Promise<MemberInvitation> =>
  tx.db.selectFrom('member_invitations').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

/** A member invitation of the viewer's organization, as time has left it. */
export async function ownMemberInvitation(
  tx: Tx,
  viewer: SignedIn,
  permission: Permission,
  id: string,
): Promise<MemberInvitation> {
  const found = await tx.db
    .selectFrom('member_invitations')
    .selectAll()
    .where('id', '=', id)
    .where('organization_id', 'in', organizationsOf(viewer, permission))
    .executeTakeFirst()
  if (!found) throw new NotFoundError('There is no such member invitation.')
  return settleMemberInvitation(tx, found)
}

/** Whose own things the viewer sees: a person, not a key. */
export const personOf = (viewer: Viewer) =>
  viewer.kind === 'user' || viewer.kind === 'newcomer' ? viewer.actorId : undefined

/**
 * The member invitations with these ids, in their order; null for each that is not there, and is neither the
 * viewer's to see nor addressed to them.
 */
export async function findMemberInvitations(
  { db }: Pick<Store, 'db'>,
  viewer: Viewer,
  ids: readonly string[],
): Promise<(MemberInvitation | null)[]> {
  const organizations = organizationsOf(viewer, 'memberInvitation:read')
  const { rows } = await sql<MemberInvitation>`
    select * from member_invitations where id in (select value from ${idRows(ids)}) and (
      organization_id in (select value from ${idRows(organizations)})
      or email_key = (select email_key from users where id = ${personOf(viewer) ?? ''})
    )`.execute(db)
  const found = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => found.get(id) ?? null)
}

/** What came of each of these invitations; null where nobody accepted, or the viewer may not see who. */
export async function membershipsFrom(
  { db }: Pick<Store, 'db'>,
  viewer: Viewer,
  ids: readonly string[],
): Promise<(Membership | null)[]> {
  const { rows } = await sql<Membership & { source: string }>`
    select memberships.*, member_invitations.id as source from member_invitations
    join memberships on memberships.user_id = member_invitations.user_id
      and memberships.organization_id = member_invitations.organization_id
    where member_invitations.id in (select value from ${idRows(ids)})`.execute(db)
  const seen = rows.filter(
    ({ organization_id, user_id }) =>
      maySee(viewer, 'member:read', organization_id) || user_id === personOf(viewer),
  )
  const found = new Map(seen.map((row) => [row.source, row]))
  return ids.map((id) => found.get(id) ?? null)
}

/** The organizations of these ids, for those whom they have invited. */
export async function invitingOrganizations(
  { db }: Pick<Store, 'db'>,
  ids: readonly string[],
): Promise<(Organization | null)[]> {
  const { rows } = await sql<Organization>`
    select * from organizations where id in (select value from ${idRows(ids)})`.execute(db)
  const found = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => found.get(id) ?? null)
}

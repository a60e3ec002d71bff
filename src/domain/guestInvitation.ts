import { z } from 'zod'
import type { GuestInvitation, NewRow } from '#db/tables.ts'
import { authorize, maySee, organizationsOf, type Viewer } from './access.ts'
import { ConflictError, InvitationClosedError, LimitReachedError, NotFoundError } from './errors.ts'
import { type Call, earlierResult, rememberResult } from './idempotency.ts'
import { newId } from './ids.ts'
import { email, idempotencyKey, idOf, refuseFaults } from './inputs.ts'
import type { Closed, InvitationStatus } from './invitation.ts'
import { emailKey, normalizeEmail } from './names.ts'
import { targetOrganization } from './organization.ts'
import { hashSecret, newSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'

type Course = Pick<GuestInvitation, 'revoked_at' | 'accepted_at' | 'expires_at' | 'archived_at'>

/** The status at an instant: computed whenever it is read, by no job. */
export function guestInvitationStatus(invitation: Course, now: number): InvitationStatus {
  if (invitation.revoked_at !== null) return 'REVOKED'
  if (invitation.accepted_at !== null) return 'ACCEPTED'
  return invitation.expires_at <= now ? 'EXPIRED' : 'PENDING'
}

/** Whether it ran out before anybody accepted it: a flag beside the status. */
export const isExpired = (invitation: Course, now: number) =>
  invitation.accepted_at === null && invitation.expires_at <= now

/** Why it cannot be accepted at this instant; undefined if it can. */
export function guestInvitationClosed(invitation: Course, now: number): Closed | undefined {
  const status = guestInvitationStatus(invitation, now)
  if (status === 'REVOKED') return { reason: 'REVOKED', closedAt: invitation.revoked_at }
  if (status === 'ACCEPTED') return { reason: 'ALREADY_ACCEPTED', closedAt: invitation.accepted_at }
  if (status === 'EXPIRED') return { reason: 'EXPIRED', closedAt: invitation.expires_at }
  if (invitation.archived_at !== null) return { reason: 'ARCHIVED', closedAt: invitation.archived_at }
  return undefined
}

/** Records, once, that the invitation has expired, whoever comes first, the clock or a later change. */
export async function settleGuestInvitation(tx: Tx, invitation: GuestInvitation): Promise<GuestInvitation> {
  if (invitation.due_at === null || invitation.due_at > tx.now) return invitation
  const settled = await tx.db
    .updateTable('guest_invitations')
    .set({ due_at: null, closed: 1 })
    .where('id', '=', invitation.id)
    .where('due_at', '=', invitation.due_at)
    .returningAll()
    .executeTakeFirst()
  if (!settled) return { ...invitation, due_at: null, closed: 1 }
  tx.record({
    organizationId: invitation.organization_id,
    invitationId: invitation.id,
    type: 'EXPIRED',
    status: 'EXPIRED',
    previousStatus: 'PENDING',
    occurredAt: invitation.expires_at,
  })
  return settled
}

export const createGuestInvitationInput = z.object({
  organizationId: idOf('Organization').nullish(),
  email,
  expiresAt: z.number(),
  parentOrganizationId: idOf('Organization').nullish(),
  idempotencyKey,
})
export type CreateGuestInvitationInput = z.infer<typeof createGuestInvitationInput>

export interface CreatedGuestInvitation {
  guestInvitation: GuestInvitation
  /** The secret of the link; null where an earlier call made the invitation. */
  token: string | null
  replayed: boolean
}

/** Invites another organization, by the e-mail address of somebody there, to join as the host's guest. */
export function createGuestInvitation(
  store: Store,
  viewer: Viewer,
  input: CreateGuestInvitationInput,
): Promise<CreatedGuestInvitation> {
  authorize(viewer, 'guestInvitation:create')
  const organizationId = targetOrganization(viewer, input.organizationId)
  if (
    input.parentOrganizationId != null &&
    !maySee(viewer, 'organization:read', input.parentOrganizationId)
  ) {
    throw new NotFoundError('There is no such parent organization, or it is not yours.')
  }
  const { organizationId: _, ...rest } = input
  const call: Call = {
    organizationId,
    key: input.idempotencyKey,
    operation: 'createGuestInvitation',
    input: { ...rest, email: normalizeEmail(input.email) },
  }
  return store.write(async (tx) => {
    const earlier = await earlierResult(tx, call)
    if (earlier) return { guestInvitation: await byId(tx, earlier), token: null, replayed: true }
    refuseFaults(
      input.expiresAt > tx.now ? [] : [{ path: ['expiresAt'], message: 'expiresAt must be in the future.' }],
    )
    await makeRoom(tx, organizationId, input.email)

    const token = newSecret('guestInvitation')
    const row: NewRow<'guest_invitations'> = {
      id: newId('GuestInvitation'),
      organization_id: organizationId,
      parent_organization_id: input.parentOrganizationId ?? null,
      email: normalizeEmail(input.email),
      email_key: emailKey(input.email),
      token_hash: hashSecret(token),
      first_sent_at: tx.now,
      last_sent_at: tx.now,
      expires_at: input.expiresAt,
      accepted_at: null,
      accepted_via: null,
      guest_organization_id: null,
      archived_at: null,
      closed: 0,
      created_by: viewer.keyId,
      created_at: tx.now,
      updated_at: tx.now,
      revoked_at: null,
      due_at: input.expiresAt,
    }
    const guestInvitation = await tx.db
      .insertInto('guest_invitations')
      .values(row)
      .returningAll()
      .executeTakeFirstOrThrow()
    await rememberResult(tx, call, guestInvitation.id)
    tx.due(guestInvitation.due_at)
    tx.record({
      organizationId,
      invitationId: guestInvitation.id,
      type: 'CREATED',
      status: 'PENDING',
      previousStatus: null,
    })
    return { guestInvitation, token, replayed: false }
  })
}

/** Refuses where one is open for this address, or where the organization has all it may have open. */
async function makeRoom(tx: Tx, organizationId: string, email: string) {
  const blocking = await tx.db
    .selectFrom('guest_invitations')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('email_key', '=', emailKey(email))
    .where('closed', '=', 0)
    .executeTakeFirst()
  if (blocking && (await settleGuestInvitation(tx, blocking)).closed === 0) {
    throw new ConflictError(
      'An invitation to this e-mail address is open already. Revoke it to send a new one.',
    )
  }
  const { open } = await tx.db
    .selectFrom('guest_invitations')
    .select((eb) => eb.fn.countAll<number>().as('open'))
    .where('organization_id', '=', organizationId)
    .where('closed', '=', 0)
    .where('expires_at', '>', tx.now)
    .executeTakeFirstOrThrow()
  if (open >= tx.limits.openInvitations) throw new LimitReachedError(tx.limits.openInvitations)
}

export const revokeGuestInvitationInput = z.object({ id: idOf('GuestInvitation') })

/** Takes an open invitation back: its link stops working. */
export function revokeGuestInvitation(store: Store, viewer: Viewer, id: string): Promise<GuestInvitation> {
  authorize(viewer, 'guestInvitation:revoke')
  return store.write(async (tx) => {
    const found = await tx.db
      .selectFrom('guest_invitations')
      .selectAll()
      .where('id', '=', id)
      .where('organization_id', 'in', organizationsOf(viewer, 'guestInvitation:revoke'))
      .executeTakeFirst()
    if (!found) throw new NotFoundError('There is no such guest invitation.')
    const invitation = await settleGuestInvitation(tx, found)
    const closed = guestInvitationClosed(invitation, tx.now)
    if (closed && closed.reason !== 'ARCHIVED') throw new InvitationClosedError(closed)
    const revoked = await tx.db
      .updateTable('guest_invitations')
      .set({ revoked_at: tx.now, updated_at: tx.now, due_at: null, closed: 1 })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow()
    tx.record({
      organizationId: invitation.organization_id,
      invitationId: id,
      type: 'REVOKED',
      status: 'REVOKED',
      previousStatus: 'PENDING',
    })
    return revoked
  })
}

const byId = (tx: Tx, id: string): Promise<GuestInvitation> =>
  tx.db.selectFrom('guest_invitations').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

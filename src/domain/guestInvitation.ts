import { z } from 'zod'
import type { GuestInvitation } from '#db/tables.ts'
import { maySee, organizationsOf, type Viewer } from './access.ts'
import { perform } from './activity.ts'
import { ConflictError, InvitationClosedError, NotFoundError } from './errors.ts'
import { newId } from './ids.ts'
import { email, idempotencyKey, idOf, refuseFaults, text } from './inputs.ts'
import type { Closed, InvitationStatus } from './invitation.ts'
import { queueMail } from './mail.ts'
import { emailKey, normalizeEmail } from './names.ts'
import { refuseTooManyOpen, settleExpiry } from './openInvitations.ts'
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

/** Records, once, that the invitation has expired. */
export const settleGuestInvitation = (tx: Tx, invitation: GuestInvitation) =>
  settleExpiry(tx, 'guest_invitations', invitation)

export const createGuestInvitationInput = z.object({
  organizationId: idOf('Organization').nullish(),
  email,
  expiresAt: z.number(),
  parentOrganizationId: idOf('Organization').nullish(),
  locale: z.string().nullish(),
  message: text('The message', 2000).nullish(),
  sendEmail: z.boolean().nullish(),
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
  { idempotencyKey: key, organizationId: named, ...input }: CreateGuestInvitationInput,
): Promise<CreatedGuestInvitation> {
  return perform<CreatedGuestInvitation>(
    store,
    viewer,
    'guestInvitation:create',
    {
      type: 'CREATE_GUEST_INVITATION',
      intent: { ...input, email: normalizeEmail(input.email) },
      idempotencyKey: key,
      replay: async (tx, id) => ({ guestInvitation: await byId(tx, id), token: null, replayed: true }),
    },
    async (tx, actor) => {
      const organizationId = targetOrganization(actor, named)
      const parentId = input.parentOrganizationId ?? null
      if (parentId && !maySee(actor, 'organization:create', parentId)) {
        throw new NotFoundError('There is no such parent organization, or it is not yours.')
      }
      refuseFaults(
        input.expiresAt > tx.now
          ? []
          : [{ path: ['expiresAt'], message: 'expiresAt must be in the future.' }],
      )
      await makeRoom(tx, organizationId, input.email)

      const token = newSecret('guestInvitation')
      const guestInvitation = await tx.db
        .insertInto('guest_invitations')
        .values({
          id: newId('GuestInvitation'),
          organization_id: organizationId,
          parent_organization_id: parentId,
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
          locale: input.locale ?? null,
          message: input.message ?? null,
          closed: 0,
          created_by: actor.actorId,
          created_at: tx.now,
          updated_at: tx.now,
          revoked_at: null,
          due_at: input.expiresAt,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      if (input.sendEmail ?? true) await mailGuestInvitation(tx, guestInvitation)
      tx.due(guestInvitation.due_at)
      tx.record({
        organizationId,
        invitationId: guestInvitation.id,
        type: 'CREATED',
        status: 'PENDING',
        previousStatus: null,
      })
      return { subjectId: guestInvitation.id, result: { guestInvitation, token, replayed: false } }
    },
  )
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
      'An invitation to this e-mail address is open already: resend it, or revoke it to make a new one.',
      blocking,
    )
  }
  await refuseTooManyOpen(tx, organizationId)
}

const mailGuestInvitation = (tx: Tx, { id, organization_id, email: address, locale }: GuestInvitation) =>
  queueMail(tx, {
    organizationId: organization_id,
    template: 'guest_invitation',
    email: address,
    locale,
    invitationId: id,
  })

export const revokeGuestInvitationInput = z.object({ id: idOf('GuestInvitation') })

/** Takes an open invitation back: its link stops working. */
export function revokeGuestInvitation(store: Store, viewer: Viewer, id: string): Promise<GuestInvitation> {
  return perform(
    store,
    viewer,
    'guestInvitation:revoke',
    { type: 'REVOKE_GUEST_INVITATION', intent: { id }, replay: byId },
    async (tx, actor) => {
      const found = await tx.db
        .selectFrom('guest_invitations')
        .selectAll()
        .where('id', '=', id)
        .where('organization_id', 'in', organizationsOf(actor, 'guestInvitation:revoke'))
        .executeTakeFirst()
      if (!found) throw new NotFoundError('There is no such guest invitation.')
      const invitation = await settleGuestInvitation(tx, found)
      const closed = guestRevocationClosed(invitation, tx.now)
      if (closed) throw new InvitationClosedError(closed)
      const result = await tx.db
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
      return { subjectId: id, result }
    },
  )
}

/** Why there is nothing left to take back: what is archived can still be. */
export function guestRevocationClosed(invitation: Course, now: number): Closed | undefined {
  return guestInvitationClosed({ ...invitation, archived_at: null }, now)
}

const byId = (tx: Tx, id: string): Promise<GuestInvitation> =>
  tx.db.selectFrom('guest_invitations').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

import { z } from 'zod'
import type { MemberInvitation, Tables } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { perform } from './activity.ts'
import { roleFaults } from './granting.ts'
import { expectedVersion, idempotencyKey, idOf, orElse, refuseFaults } from './inputs.ts'
import { expiryFaults, refuseClosed, refuseStale, resentExpiryFaults } from './invitation.ts'
import { replaceLinks } from './links.ts'
import {
  mailMemberInvitation,
  memberInvitationById,
  memberInvitationClosed,
  memberInvitationStatus,
  memberResendingClosed,
  ownMemberInvitation,
} from './memberInvitation.ts'
import {
  makeRoomFor,
  memberInvitationTerms,
  type SentMemberInvitation,
  sentEarlier,
} from './memberInvitationCreation.ts'
import { nameKey } from './names.ts'
import type { Store, Tx } from './store.ts'
import { roleOf } from './user.ts'

const id = idOf('MemberInvitation')

export const updateMemberInvitationInput = memberInvitationTerms.extend({ id, expectedVersion })
export type UpdateMemberInvitationInput = z.infer<typeof updateMemberInvitationInput>

/** Changes an open invitation; what is left out stays, and what can be absent goes by null. */
export function updateMemberInvitation(
  store: Store,
  viewer: Viewer,
  input: UpdateMemberInvitationInput,
): Promise<MemberInvitation> {
  return perform(
    store,
    viewer,
    'memberInvitation:update',
    { type: 'UPDATE_MEMBER_INVITATION', intent: input, replay: memberInvitationById },
    async (tx, actor) => {
      const invitation = await ownMemberInvitation(tx, actor, 'memberInvitation:update', input.id)
      refuseStale(invitation, input.expectedVersion)
      refuseClosed(memberInvitationClosed(invitation, tx.now))
      const gives = input.role != null || isMore(invitation, input)
      refuseFaults([
        ...(gives ? roleFaults(actor, input.role ?? roleOf(invitation), input.role ? 'role' : 'id') : []),
        ...expiryFaults(input.expiresAt, tx.now),
      ])
      const expiresAt = input.expiresAt ?? invitation.expires_at
      const name = orElse(input.name, invitation.name)
      const result = await change(tx, invitation, 'UPDATED', 'PENDING', {
        name,
        name_key: name === null ? null : nameKey(name),
        locale: orElse(input.locale, invitation.locale),
        message: orElse(input.message, invitation.message),
        tags: input.tags ? JSON.stringify(input.tags) : invitation.tags,
        role: input.role ?? invitation.role,
        access_type: input.accessType ?? invitation.access_type,
        expires_at: expiresAt,
        due_at: expiresAt,
        ...(gives && { granted_by: actor.actorId }),
      })
      return { subjectId: invitation.id, result }
    },
  )
}

/** Whether the role can be had for longer, or in another way, than before. */
const isMore = (
  { expires_at, access_type }: MemberInvitation,
  { expiresAt, accessType }: UpdateMemberInvitationInput,
) =>
  (expiresAt != null && expiresAt > expires_at) ||
  (accessType != null && accessType !== access_type && access_type !== 'ALL')

export const resendMemberInvitationInput = z.object({
  id,
  expiresAt: z.number().nullish(),
  revokeOldLinks: z.boolean().nullish(),
  sendEmail: z.boolean().nullish(),
  expectedVersion,
  idempotencyKey,
})

/**
 * Sends an invitation once more, with a new link; the links before it work for another day, unless they are
 * to end at once. One that has expired opens again.
 */
export function resendMemberInvitation(
  store: Store,
  viewer: Viewer,
  { idempotencyKey: key, ...input }: z.infer<typeof resendMemberInvitationInput>,
): Promise<SentMemberInvitation> {
  return perform<SentMemberInvitation>(
    store,
    viewer,
    'memberInvitation:update',
    { type: 'RESEND_MEMBER_INVITATION', intent: input, idempotencyKey: key, replay: sentEarlier },
    async (tx, actor) => {
      const invitation = await ownMemberInvitation(tx, actor, 'memberInvitation:update', input.id)
      refuseStale(invitation, input.expectedVersion)
      refuseClosed(memberResendingClosed(invitation, tx.now))
      const expiresAt = input.expiresAt ?? invitation.expires_at
      refuseFaults([
        // The link is shown to whoever resends it: they could take the role for themselves.
        ...roleFaults(actor, roleOf(invitation), 'id'),
        ...resentExpiryFaults(invitation, input.expiresAt, tx.now),
      ])
      if (invitation.closed === 1) await makeRoomFor(tx, invitation)
      const { token, token_hash } = await replaceLinks(tx, 'memberInvitation', invitation, {
        endAtOnce: input.revokeOldLinks ?? false,
      })
      const memberInvitation = await change(tx, invitation, 'UPDATED', 'PENDING', {
        token_hash,
        last_sent_at: tx.now,
        expires_at: expiresAt,
        due_at: expiresAt,
        closed: 0,
        granted_by: actor.actorId,
      })
      if (input.sendEmail ?? true) await mailMemberInvitation(tx, memberInvitation)
      return { subjectId: invitation.id, result: { memberInvitation, token, replayed: false } }
    },
  )
}

export const revokeMemberInvitationInput = z.object({ id })

/** Takes an open invitation back: its links stop working. */
export function revokeMemberInvitation(
  store: Store,
  viewer: Viewer,
  invitationId: string,
): Promise<MemberInvitation> {
  return perform(
    store,
    viewer,
    'memberInvitation:revoke',
    { type: 'REVOKE_MEMBER_INVITATION', intent: { id: invitationId }, replay: memberInvitationById },
    async (tx, actor) => {
      const invitation = await ownMemberInvitation(tx, actor, 'memberInvitation:revoke', invitationId)
      refuseClosed(memberInvitationClosed(invitation, tx.now))
      const result = await change(tx, invitation, 'REVOKED', 'REVOKED', {
        revoked_at: tx.now,
        due_at: null,
        closed: 1,
      })
      return { subjectId: invitationId, result }
    },
  )
}

/** Writes the change, its version and its event. */
async function change(
  tx: Tx,
  invitation: MemberInvitation,
  type: 'UPDATED' | 'REVOKED',
  status: 'PENDING' | 'REVOKED',
  values: Partial<Omit<Tables['member_invitations'], 'version'>>,
): Promise<MemberInvitation> {
  const changed = await tx.db
    .updateTable('member_invitations')
    .set({ ...values, version: invitation.version + 1, updated_at: tx.now })
    .where('id', '=', invitation.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  tx.due(changed.due_at)
  tx.record({
    organizationId: invitation.organization_id,
    invitationId: invitation.id,
    type,
    status,
    previousStatus: memberInvitationStatus(invitation, tx.now),
  })
  return changed
}

import { z } from 'zod'
import type { MemberInvitation } from '#db/tables.ts'
import { roles, type SignedIn, type Viewer } from './access.ts'
import { perform } from './activity.ts'
import { ConflictError } from './errors.ts'
import { roleFaults } from './granting.ts'
import { newId } from './ids.ts'
import { emailText, idempotencyKey, name, refuseFaults, text } from './inputs.ts'
import { expiryFaults } from './invitation.ts'
import { memberTags } from './member.ts'
import { mailMemberInvitation, memberInvitationById, settleMemberInvitation } from './memberInvitation.ts'
import { emailKey, nameKey, normalizeEmail } from './names.ts'
import { refuseTooManyOpen } from './openInvitations.ts'
import { hashSecret, newSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'
import { accessTypes } from './user.ts'

const WEEK_MS = 7 * 86_400_000

/** What can be said of a member who is invited, and be changed later. */
export const memberInvitationTerms = z.object({
  name: name('The name').nullish(),
  tags: memberTags.nullish(),
  accessType: z.enum(accessTypes).nullish(),
  role: z.enum(roles).nullish(),
  locale: z.string().nullish(),
  message: text('The message', 2000).nullish(),
  expiresAt: z.number().nullish(),
})

/** One invitation to make, of which nothing is known yet. */
export const memberInvitationRow = memberInvitationTerms.extend({ email: emailText })
type Row = z.infer<typeof memberInvitationRow>

export const createMemberInvitationInput = memberInvitationRow.extend({
  sendEmail: z.boolean().nullish(),
  idempotencyKey,
})
export type CreateMemberInvitationInput = z.infer<typeof createMemberInvitationInput>

/** An invitation, and the secret of its link; null where an earlier call made or sent it. */
export interface SentMemberInvitation {
  memberInvitation: MemberInvitation
  token: string | null
  replayed: boolean
}

/** Invites a person, by their e-mail address, to become a member of the viewer's organization. */
export function createMemberInvitation(
  store: Store,
  viewer: Viewer,
  { idempotencyKey: key, ...input }: CreateMemberInvitationInput,
): Promise<SentMemberInvitation> {
  return perform<SentMemberInvitation>(
    store,
    viewer,
    'memberInvitation:create',
    {
      type: 'CREATE_MEMBER_INVITATION',
      intent: { ...input, email: normalizeEmail(input.email) },
      idempotencyKey: key,
      replay: sentEarlier,
    },
    async (tx, actor) => {
      const result = await insertMemberInvitation(tx, actor, input, input.sendEmail ?? true)
      return { subjectId: result.memberInvitation.id, result }
    },
  )
}

/** The result again of what an earlier call has made or sent, its secret left out. */
export const sentEarlier = async (tx: Tx, id: string): Promise<SentMemberInvitation> => ({
  memberInvitation: await memberInvitationById(tx, id),
  token: null,
  replayed: true,
})

/** Makes one invitation, and puts its mail into the outbox where that is wished. */
export async function insertMemberInvitation(
  tx: Tx,
  actor: SignedIn,
  input: Row,
  sendEmail: boolean,
): Promise<SentMemberInvitation> {
  const { organizationId } = actor
  const role = input.role ?? 'ORG_MEMBER'
  const expiresAt = input.expiresAt ?? tx.now + WEEK_MS
  const address = normalizeEmail(input.email)
  refuseFaults([...roleFaults(actor, role), ...expiryFaults(expiresAt, tx.now)])
  await makeRoomFor(tx, { organization_id: organizationId, email_key: emailKey(address) })

  const token = newSecret('memberInvitation')
  const memberInvitation = await tx.db
    .insertInto('member_invitations')
    .values({
      id: newId('MemberInvitation'),
      organization_id: organizationId,
      email: address,
      email_key: emailKey(address),
      name: input.name ?? null,
      name_key: input.name ? nameKey(input.name) : null,
      tags: JSON.stringify(input.tags ?? []),
      role,
      access_type: input.accessType ?? 'WEB',
      locale: input.locale ?? null,
      message: input.message ?? null,
      token_hash: hashSecret(token),
      first_sent_at: tx.now,
      last_sent_at: tx.now,
      expires_at: expiresAt,
      accepted_at: null,
      declined_at: null,
      user_id: null,
      closed: 0,
      created_by: actor.actorId,
      granted_by: actor.actorId,
      created_at: tx.now,
      updated_at: tx.now,
      revoked_at: null,
      due_at: expiresAt,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  if (sendEmail) await mailMemberInvitation(tx, memberInvitation)
  tx.due(expiresAt)
  tx.record({
    organizationId,
    invitationId: memberInvitation.id,
    type: 'CREATED',
    status: 'PENDING',
    previousStatus: null,
  })
  return { memberInvitation, token, replayed: false }
}

/**
 * Refuses one more invitation where the address is a member's, where one to it is open, or where the
 * organization has all it may have open.
 */
export async function makeRoomFor(
  tx: Tx,
  { organization_id, email_key }: Pick<MemberInvitation, 'organization_id' | 'email_key'>,
) {
  const member = await tx.db
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.user_id')
    .select('memberships.id')
    .where('users.email_key', '=', email_key)
    .where('organization_id', '=', organization_id)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
  if (member) throw memberAlready(member)
  const blocking = await tx.db
    .selectFrom('member_invitations')
    .selectAll()
    .where('organization_id', '=', organization_id)
    .where('email_key', '=', email_key)
    .where('closed', '=', 0)
    .executeTakeFirst()
  if (blocking && (await settleMemberInvitation(tx, blocking)).closed === 0) throw openAlready(blocking)
  await refuseTooManyOpen(tx, organization_id)
}

/** Says that the address is a member's. */
export const memberAlready = (current: { id: string }) =>
  new ConflictError('This e-mail address is already a member’s: change what they are instead.', current)

/** Says that the address has an open invitation, and what may be done about it. */
export const openAlready = (current: { id: string }) =>
  new ConflictError(
    'An invitation to this e-mail address is open already: resend it, or revoke it to make a new one.',
    current,
  )

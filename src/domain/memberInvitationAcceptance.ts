import type { MemberInvitation, Membership, User } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { performByToken } from './activity.ts'
import { boundsOfInvitation, insertApiKey } from './apiKey.ts'
import { grantLapsed } from './granting.ts'
import { type Closed, refuseClosed } from './invitation.ts'
import { isMailed } from './links.ts'
import { insertMembership, membershipOf } from './member.ts'
import { memberInvitationById, memberInvitationClosed } from './memberInvitation.ts'
import {
  answeredBy,
  type DeclinedMemberInvitation,
  type MemberInvitationAnswerInput,
  meantInvitation,
  withOrganization,
} from './memberInvitationAnswer.ts'
import { handOver } from './memberInvitationHandover.ts'
import { newSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'
import { type AccessType, roleOf } from './user.ts'
import { isUnproved, userOfInvitation, userOfMailbox } from './userAdoption.ts'

export interface AcceptedMemberInvitation extends DeclinedMemberInvitation {
  membership: Membership
  user: User
  /** The member's first key; null where they use none, or are a member already. */
  apiKey: string | null
}

/**
 * Makes whoever was invited a member: the signed-in person, or, by the token alone, the user of the address
 * where their mailbox got it, and a user of the invitation's own where it was shown to others. Once more by
 * the same person, it answers with the same membership.
 */
export async function acceptMemberInvitation(
  store: Store,
  viewer: Viewer,
  input: MemberInvitationAnswerInput,
  firstKey = newSecret('apiKey'),
): Promise<AcceptedMemberInvitation> {
  const meant = await meantInvitation(store, viewer, input)
  const { id, organization_id: organizationId } = meant
  return performByToken<AcceptedMemberInvitation>(
    store,
    viewer,
    {
      type: 'ACCEPT_MEMBER_INVITATION',
      organizationId,
      intent: { id },
      replay: async (tx) => acceptedBefore(tx, await memberInvitationById(tx, id)),
    },
    async (tx) => {
      const { invitation, person } = await answeredBy(tx, viewer, meant, input)
      const mailed = input.token != null && (await isMailed(tx, input.token))
      const answer = { invitation, person, mailed }
      const result = (await acceptedAgain(tx, answer)) ?? (await accept(tx, answer, firstKey))
      return { subjectId: id, result }
    },
  )
}

interface Answer {
  invitation: MemberInvitation
  /** Nobody, where there is the token alone. */
  person: User | undefined
  /** Whether the token came to the mailbox, and nobody else saw it. */
  mailed: boolean
}

/**
 * The first answer again, for the same person; nothing for others, and once the membership has ended. Where
 * it was somebody by a token that others have seen, whose address it is takes over.
 */
async function acceptedAgain(
  tx: Tx,
  { invitation, person, mailed }: Answer,
): Promise<AcceptedMemberInvitation | undefined> {
  if (invitation.accepted_at === null) return undefined
  const accepted = await acceptedBefore(tx, invitation)
  const { user, membership } = accepted
  if (membership.removed_at !== null) return undefined
  if (isUnproved(user) && (person || mailed)) {
    const heir = person ?? (await userOfMailbox(tx, invitation))
    if (heir.email_key !== invitation.email_key) return undefined
    return { ...accepted, user: heir, membership: await handOver(tx, membership, heir) }
  }
  const isSame = person ? person.id === user.id : user.email_key === invitation.email_key
  return isSame ? accepted : undefined
}

async function acceptedBefore(tx: Tx, invitation: MemberInvitation): Promise<AcceptedMemberInvitation> {
  const userId = invitation.user_id ?? ''
  return {
    ...(await withOrganization(tx, invitation)),
    user: await tx.db.selectFrom('users').selectAll().where('id', '=', userId).executeTakeFirstOrThrow(),
    membership: await membershipOf(tx, userId, invitation.organization_id).executeTakeFirstOrThrow(),
    apiKey: null,
  }
}

async function accept(
  tx: Tx,
  { invitation, person, mailed }: Answer,
  firstKey: string,
): Promise<AcceptedMemberInvitation> {
  refuseClosed(await memberAcceptanceClosed(tx, invitation, tx.now))
  const user = person ?? (await (mailed ? userOfMailbox : userOfInvitation)(tx, invitation))
  const { id, organization_id: organizationId } = invitation
  const accepted = await tx.db
    .updateTable('member_invitations')
    .set({ accepted_at: tx.now, user_id: user.id, updated_at: tx.now, due_at: null, closed: 1 })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  const joined = await join(tx, invitation, user, { firstKey, isAlone: !person })
  tx.record({
    organizationId,
    invitationId: id,
    type: 'ACCEPTED',
    status: 'ACCEPTED',
    previousStatus: 'PENDING',
    // By the token alone it is the one who came by it who did it.
    ...(tx.actorId === null && { actorId: user.id }),
  })
  return { ...(await withOrganization(tx, accepted)), user, ...joined }
}

/** Why nobody can accept it at this instant, also where that is not the invitation's own doing. */
export const memberAcceptanceClosed = async (
  store: Pick<Store, 'db'>,
  invitation: MemberInvitation,
  now: number,
): Promise<Closed | undefined> =>
  memberInvitationClosed(invitation, now) ?? (await grantLapsed(store, invitation))

/** Whoever is a member already keeps what they are; whoever was one comes back as what they are invited to be. */
async function join(
  tx: Tx,
  invitation: MemberInvitation,
  user: User,
  { firstKey, isAlone }: { firstKey: string; isAlone: boolean },
) {
  const { organization_id: organizationId } = invitation
  const former = await membershipOf(tx, user.id, organizationId).executeTakeFirst()
  if (former?.removed_at === null) return { membership: former, apiKey: null }
  const role = roleOf(invitation)
  const accessType = invitation.access_type as AccessType
  const membership = await insertMembership(tx, {
    organizationId,
    userId: user.id,
    role,
    accessType,
    tags: JSON.parse(invitation.tags) as string[],
    invitationId: invitation.id,
  })
  if (accessType === 'WEB') return { membership, apiKey: null }
  const bounds = isAlone ? await boundsOfInvitation(tx, invitation) : {}
  // Made by them: it ends with the membership.
  const key = { organizationId, role, name: invitation.name, createdBy: user.id, ...bounds }
  await insertApiKey(tx, key, firstKey)
  return { membership, apiKey: firstKey }
}

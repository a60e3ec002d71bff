import type { MemberInvitation, Membership, User } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { performByToken } from './activity.ts'
import { insertApiKey } from './apiKey.ts'
import { grantLapsed } from './granting.ts'
import { type Closed, refuseClosed } from './invitation.ts'
import { insertMembership } from './member.ts'
import { memberInvitationById, memberInvitationClosed } from './memberInvitation.ts'
import {
  answeredBy,
  type DeclinedMemberInvitation,
  type MemberInvitationAnswerInput,
  meantInvitation,
  withOrganization,
} from './memberInvitationAnswer.ts'
import { newSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'
import { type AccessType, roleOf } from './user.ts'
import { userOfMailbox } from './userAdoption.ts'

export interface AcceptedMemberInvitation extends DeclinedMemberInvitation {
  membership: Membership
  user: User
  /** The member's first key; null where they use none, or are a member already. */
  apiKey: string | null
}

/**
 * Makes whoever was invited a member: the signed-in person, or, where the token alone speaks for the
 * mailbox, the user of that address, who is made if there is none. Once more by the same person, it answers
 * with the same membership.
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
      const result =
        (await acceptedAgain(tx, invitation, person)) ?? (await accept(tx, invitation, person, firstKey))
      return { subjectId: id, result }
    },
  )
}

/** The first answer again, for the same person; nothing for others, and once the membership has ended. */
async function acceptedAgain(
  tx: Tx,
  invitation: MemberInvitation,
  person: User | undefined,
): Promise<AcceptedMemberInvitation | undefined> {
  if (invitation.accepted_at === null) return undefined
  const accepted = await acceptedBefore(tx, invitation)
  const { user, membership } = accepted
  const isSame = person ? person.id === user.id : user.email_key === invitation.email_key
  return isSame && membership.removed_at === null ? accepted : undefined
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

const membershipOf = (tx: Tx, userId: string, organizationId: string) =>
  tx.db
    .selectFrom('memberships')
    .selectAll()
    .where('user_id', '=', userId)
    .where('organization_id', '=', organizationId)

async function accept(
  tx: Tx,
  invitation: MemberInvitation,
  person: User | undefined,
  firstKey: string,
): Promise<AcceptedMemberInvitation> {
  refuseClosed(await memberAcceptanceClosed(tx, invitation, tx.now))
  const user = person ?? (await userOfMailbox(tx, invitation))
  const { id, organization_id: organizationId } = invitation
  const accepted = await tx.db
    .updateTable('member_invitations')
    .set({ accepted_at: tx.now, user_id: user.id, updated_at: tx.now, due_at: null, closed: 1 })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  const joined = await join(tx, invitation, user, firstKey)
  tx.record({
    organizationId,
    invitationId: id,
    type: 'ACCEPTED',
    status: 'ACCEPTED',
    previousStatus: 'PENDING',
    // By the token alone it is the mailbox's user who did it.
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
async function join(tx: Tx, invitation: MemberInvitation, user: User, firstKey: string) {
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
  // Made by them: it ends with the membership.
  await insertApiKey(tx, { organizationId, role, name: invitation.name, createdBy: user.id }, firstKey)
  return { membership, apiKey: firstKey }
}

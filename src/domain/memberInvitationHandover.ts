import type { Membership, User } from '#db/tables.ts'
import { insertMembership, membershipOf } from './member.ts'
import type { Tx } from './store.ts'
import type { AccessType } from './user.ts'
import { handDependents } from './userAdoption.ts'

/**
 * Gives the invited person, who asks for it, the membership of somebody who came by a token that was handed
 * to them, with its keys. Who is a member already keeps theirs, and gets that.
 */
export async function handOver(tx: Tx, handed: Membership, { id: userId }: User): Promise<Membership> {
  const { user_id: from, organization_id: organizationId } = handed
  const own = await membershipOf(tx, userId, organizationId).executeTakeFirst()
  if (own?.removed_at === null) return own
  const membership = own ? await comesBack(tx, handed, userId) : await changesHands(tx, handed, userId)
  await handDependents(tx, from, userId, organizationId)
  return membership
}

const changesHands = (tx: Tx, { id }: Membership, userId: string) =>
  tx.db
    .updateTable('memberships')
    .set({ user_id: userId })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()

/** Who was a member once has a membership, which is one again; the other one ends. */
async function comesBack(tx: Tx, handed: Membership, userId: string) {
  await tx.db.updateTable('memberships').set({ removed_at: tx.now }).where('id', '=', handed.id).execute()
  return insertMembership(tx, {
    organizationId: handed.organization_id,
    userId,
    role: handed.role,
    accessType: handed.access_type as AccessType,
    tags: JSON.parse(handed.tags) as string[],
    ...(handed.invitation_id !== null && { invitationId: handed.invitation_id }),
  })
}

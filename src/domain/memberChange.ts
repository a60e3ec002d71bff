import { z } from 'zod'
import type { Membership } from '#db/tables.ts'
import { roles, type SignedIn, type Viewer } from './access.ts'
import { perform } from './activity.ts'
import { endKeysOf } from './apiKeyRevocation.ts'
import { ConflictError, NotFoundError } from './errors.ts'
import { roleFaults } from './granting.ts'
import { expectedVersion, idOf, refuseFaults } from './inputs.ts'
import { refuseStale } from './invitation.ts'
import { LAST_ADMIN, lastAdmins, membershipById, memberTags } from './member.ts'
import type { Store, Tx } from './store.ts'
import { accessTypes } from './user.ts'

export const updateMemberInput = z.object({
  id: idOf('Membership'),
  role: z.enum(roles).nullish(),
  accessType: z.enum(accessTypes).nullish(),
  tags: memberTags.nullish(),
  expectedVersion,
})
export type UpdateMemberInput = z.infer<typeof updateMemberInput>

/** Changes what a member is; what is left out stays. */
export function updateMember(store: Store, viewer: Viewer, input: UpdateMemberInput): Promise<Membership> {
  return perform(
    store,
    viewer,
    'member:update',
    { type: 'UPDATE_MEMBER', intent: input, replay: membershipById },
    async (tx, actor) => {
      const member = await ownMember(tx, actor, input.id)
      refuseStale(member, input.expectedVersion)
      refuseFaults(roleFaults(actor, input.role))
      if (input.role && input.role !== 'ORG_ADMIN') await keepAnAdmin(tx, member)
      const result = await tx.db
        .updateTable('memberships')
        .set({
          version: member.version + 1,
          role: input.role ?? member.role,
          access_type: input.accessType ?? member.access_type,
          tags: input.tags ? JSON.stringify(input.tags) : member.tags,
        })
        .where('id', '=', member.id)
        .returningAll()
        .executeTakeFirstOrThrow()
      return { subjectId: member.id, result }
    },
  )
}

export const removeMemberInput = z.object({ id: idOf('Membership') })

/** Ends a membership; the member's keys, sockets and streams end with it. */
export function removeMember(store: Store, viewer: Viewer, id: string): Promise<Membership> {
  return perform(
    store,
    viewer,
    'member:remove',
    { type: 'REMOVE_MEMBER', intent: { id }, replay: membershipById },
    async (tx, actor) => {
      const member = await ownMember(tx, actor, id)
      await keepAnAdmin(tx, member)
      // For good: they do not come back with the member.
      await endKeysOf(tx, member.user_id, member.organization_id)
      const result = await tx.db
        .updateTable('memberships')
        .set({ removed_at: tx.now })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow()
      return { subjectId: id, result }
    },
  )
}

async function ownMember(tx: Tx, viewer: SignedIn, id: string): Promise<Membership> {
  const member = await tx.db
    .selectFrom('memberships')
    .selectAll()
    .where('id', '=', id)
    .where('organization_id', '=', viewer.organizationId)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
  if (!member) throw new NotFoundError('There is no such member.')
  return member
}

/** The last of an organization's administrators stays: nobody else could let one in again. */
async function keepAnAdmin(tx: Tx, { id }: Membership) {
  if ((await lastAdmins(tx, [id])).has(id)) throw new ConflictError(LAST_ADMIN)
}

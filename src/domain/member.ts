import { sql } from 'kysely'
import { z } from 'zod'
import { idRows } from '#db/rows.ts'
import type { Membership } from '#db/tables.ts'
import { newId } from './ids.ts'
import { name } from './inputs.ts'
import type { Listing } from './page.ts'
import type { Store, Tx } from './store.ts'
import type { AccessType } from './user.ts'

const tag = name('A tag').max(50, 'A tag must have at most 50 characters.')

/** What an organization calls a member by, in words of its own. */
export const memberTags = z.array(tag).max(50, 'A member must have at most 50 tags.')

/** Makes a user a member, or a former member one again: one membership for each user and organization. */
export const insertMembership = (
  tx: Tx,
  member: {
    organizationId: string
    userId: string
    role: string
    accessType: AccessType
    tags?: readonly string[]
    /** By what they come. */
    invitationId?: string
  },
): Promise<Membership> => {
  const standing = {
    role: member.role,
    access_type: member.accessType,
    tags: JSON.stringify(member.tags ?? []),
    removed_at: null,
    invitation_id: member.invitationId ?? null,
  }
  return tx.db
    .insertInto('memberships')
    .values({
      id: newId('Membership'),
      organization_id: member.organizationId,
      user_id: member.userId,
      created_at: tx.now,
      ...standing,
    })
    .onConflict((conflict) => conflict.columns(['user_id', 'organization_id']).doUpdateSet(standing))
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Which of these members are the last administrator of their organization: they stay. */
export async function lastAdmins({ db }: Pick<Store, 'db'>, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from memberships as member
    where id in (select value from ${idRows(ids)}) and role = 'ORG_ADMIN' and removed_at is null
      and not exists (
        select id from memberships as other where other.organization_id = member.organization_id
          and other.role = 'ORG_ADMIN' and other.removed_at is null and other.id <> member.id
      )`.execute(db)
  return new Set(rows.map(({ id }) => id))
}

export const LAST_ADMIN = 'This is the last ORG_ADMIN: make another member one first.'

export const membershipById = (tx: Tx, id: string): Promise<Membership> =>
  tx.db.selectFrom('memberships').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

/** What the user is, or was, in the organization. */
export const membershipOf = (tx: Tx, userId: string, organizationId: string) =>
  tx.db
    .selectFrom('memberships')
    .selectAll()
    .where('user_id', '=', userId)
    .where('organization_id', '=', organizationId)

/** An organization's members, oldest first. */
export const membersOf: Listing = {
  permission: 'member:read',
  items: 'memberships',
  from: sql`memberships`,
  parent: sql.ref('memberships.organization_id'),
  id: sql.ref('memberships.id'),
  descending: false,
  filters: [sql`memberships.removed_at is null`],
}

import { sql } from 'kysely'
import { mayGrant, type Role } from './access.ts'
import type { Store } from './store.ts'
import { roleOf } from './user.ts'

/**
 * Whether who once gave this role away may still give it: a member by what they are now; a key by its role,
 * until it is revoked (not when it has merely ended), and as far as the member who made it may.
 */
export async function mayStillGrant(
  { db }: Pick<Store, 'db'>,
  grantorId: string | null,
  organizationId: string,
  role: Role,
): Promise<boolean> {
  const { rows } = await sql<{ role: string | null; revoked_at: number | null }>`
    with recursive makers (id) as (
      select cast(${grantorId} as text)
      union
      select api_keys.created_by from api_keys join makers on api_keys.id = makers.id
    )
    select role, revoked_at from api_keys where id = ${grantorId}
    union all
    select memberships.role, null from makers join users on users.id = makers.id
    left join memberships on user_id = users.id and organization_id = ${organizationId}
      and removed_at is null`.execute(db)
  return (
    rows.length > 0 &&
    rows.every(
      (maker) =>
        maker.role !== null && maker.revoked_at === null && mayGrant(roleOf({ role: maker.role }), role),
    )
  )
}

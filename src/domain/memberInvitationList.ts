import { type RawBuilder, sql } from 'kysely'
import { idRows, listedRows } from '#db/rows.ts'
import type { Role, Viewer } from './access.ts'
import { type InvitationStatus, inStatuses } from './invitation.ts'
import { personOf } from './memberInvitation.ts'
import { containing } from './names.ts'
import type { Listing, Parent } from './page.ts'
import type { Store } from './store.ts'

/** What `memberInvitationStatus` says, in SQL. */
function statusConditions(now: number): Record<InvitationStatus, RawBuilder<unknown>> {
  const open = sql`revoked_at is null and accepted_at is null and declined_at is null`
  return {
    REVOKED: sql`revoked_at is not null`,
    ACCEPTED: sql`revoked_at is null and accepted_at is not null`,
    DECLINED: sql`revoked_at is null and accepted_at is null and declined_at is not null`,
    EXPIRED: sql`${open} and expires_at <= ${now}`,
    PENDING: sql`${open} and expires_at > ${now}`,
    SCHEDULED: sql`1 = 0`,
    EXHAUSTED: sql`1 = 0`,
  }
}

export interface MemberInvitationFilter {
  statuses?: readonly InvitationStatus[] | null | undefined
  search?: string | null | undefined
  roles?: readonly Role[] | null | undefined
  tags?: readonly string[] | null | undefined
}

/** What lists can be ordered by; what may be missing comes before everything else. */
const orders = {
  EMAIL: sql<string>`email_key`,
  NAME: sql<string>`coalesce(name_key, '')`,
  FIRST_SENT_AT: sql<number>`first_sent_at`,
  LAST_SENT_AT: sql<number>`last_sent_at`,
  EXPIRES_AT: sql<number>`expires_at`,
  ACCEPTED_AT: sql<number>`coalesce(accepted_at, 0)`,
  DECLINED_AT: sql<number>`coalesce(declined_at, 0)`,
  CREATED_AT: sql<number>`created_at`,
  UPDATED_AT: sql<number>`updated_at`,
}

export interface MemberInvitationOrder {
  field: keyof typeof orders
  direction: 'ASC' | 'DESC'
}

/** An organization's member invitations, newest first unless ordered otherwise. */
export function memberInvitationsOf(
  filter: MemberInvitationFilter | null | undefined,
  order: MemberInvitationOrder | null | undefined,
  now: number,
): Listing {
  const filters: RawBuilder<unknown>[] = []
  if (filter?.statuses) filters.push(inStatuses(statusConditions(now), filter.statuses))
  if (filter?.search?.trim()) {
    const pattern = containing(filter.search)
    filters.push(sql`(email_key like ${pattern} escape '\\' or name_key like ${pattern} escape '\\')`)
  }
  if (filter?.roles) filters.push(sql`role in (${listOf(filter.roles)})`)
  if (filter?.tags) {
    const stored = listedRows('member_invitations.tags')
    filters.push(sql`exists (select 1 from ${stored} as tag where tag.value in (${listOf(filter.tags)}))`)
  }
  return {
    permission: 'memberInvitation:read',
    items: 'member_invitations',
    from: sql`member_invitations`,
    parent: sql.ref('member_invitations.organization_id'),
    id: sql.ref('member_invitations.id'),
    ...(order && { order: { name: order.field, value: orders[order.field] } }),
    descending: order ? order.direction === 'DESC' : true,
    filters,
  }
}

/** The values as SQL lists them, in one parameter whatever their number. */
const listOf = (values: readonly string[]) => sql`select value from ${idRows(values)}`

/** Those to one address, of any organization, newest first: its owner's own. */
export const memberInvitationsTo = (
  statuses: readonly InvitationStatus[] | null | undefined,
  now: number,
): Listing => ({
  permission: null,
  items: 'member_invitations',
  from: sql`member_invitations`,
  parent: sql.ref('member_invitations.email_key'),
  id: sql.ref('member_invitations.id'),
  descending: true,
  filters: statuses ? [inStatuses(statusConditions(now), statuses)] : [],
})

/** The viewer's own verified address, as what those invitations hang on; that of nobody where they have none. */
export async function addresseeOf({ db }: Pick<Store, 'db'>, viewer: Viewer): Promise<Parent> {
  const user = await db
    .selectFrom('users')
    .select('email_key')
    .where('id', '=', personOf(viewer) ?? '')
    .executeTakeFirst()
  return { id: user?.email_key ?? '', organization_id: '' }
}

import { type RawBuilder, sql } from 'kysely'
import { type InvitationStatus, inStatuses } from './invitation.ts'
import { containing } from './names.ts'
import type { Listing } from './page.ts'

/** What `guestInvitationStatus` says, in SQL. */
const statusConditions = (now: number): Record<InvitationStatus, RawBuilder<unknown>> => ({
  REVOKED: sql`revoked_at is not null`,
  ACCEPTED: sql`revoked_at is null and accepted_at is not null`,
  EXPIRED: sql`revoked_at is null and accepted_at is null and expires_at <= ${now}`,
  PENDING: sql`revoked_at is null and accepted_at is null and expires_at > ${now}`,
  SCHEDULED: sql`1 = 0`,
  DECLINED: sql`1 = 0`,
  EXHAUSTED: sql`1 = 0`,
})

export interface GuestInvitationFilter {
  statuses?: readonly InvitationStatus[] | null | undefined
  search?: string | null | undefined
  expired?: boolean | null | undefined
  archived?: boolean | null | undefined
}

/** What lists can be ordered by; what may be missing comes before everything else. */
const orders = {
  EMAIL: sql<string>`email_key`,
  FIRST_SENT_AT: sql<number>`first_sent_at`,
  LAST_SENT_AT: sql<number>`last_sent_at`,
  EXPIRES_AT: sql<number>`expires_at`,
  ACCEPTED_AT: sql<number>`coalesce(accepted_at, 0)`,
  ARCHIVED_AT: sql<number>`coalesce(archived_at, 0)`,
  CREATED_AT: sql<number>`created_at`,
  UPDATED_AT: sql<number>`updated_at`,
}

export interface GuestInvitationOrder {
  field: keyof typeof orders
  direction: 'ASC' | 'DESC'
}

/** An organization's guest invitations, newest first unless ordered otherwise. */
export function guestInvitationsOf(
  filter: GuestInvitationFilter | null | undefined,
  order: GuestInvitationOrder | null | undefined,
  now: number,
): Listing {
  const byStatus = statusConditions(now)
  const expired = sql`(accepted_at is null and expires_at <= ${now})`
  const filters: RawBuilder<unknown>[] = []
  if (filter?.statuses) filters.push(inStatuses(byStatus, filter.statuses))
  if (filter?.search?.trim()) filters.push(sql`email_key like ${containing(filter.search)} escape '\\'`)
  if (filter?.expired != null) filters.push(filter.expired ? expired : sql`not ${expired}`)
  if (filter?.archived != null)
    filters.push(filter.archived ? sql`archived_at is not null` : sql`archived_at is null`)
  return {
    permission: 'guestInvitation:read',
    items: 'guest_invitations',
    from: sql`guest_invitations`,
    parent: sql.ref('guest_invitations.organization_id'),
    id: sql.ref('guest_invitations.id'),
    ...(order && { order: { name: order.field, value: orders[order.field] } }),
    descending: order ? order.direction === 'DESC' : true,
    filters,
  }
}

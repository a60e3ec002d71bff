import { type RawBuilder, sql } from 'kysely'
import type { JoinLink } from '#db/tables.ts'
import { organizationsOf, type Permission, type SignedIn } from './access.ts'
import { ConflictError, NotFoundError } from './errors.ts'
import { type Closed, type InvitationStatus, inStatuses } from './invitation.ts'
import type { Listing } from './page.ts'
import type { Tx } from './store.ts'

/** The roles that links give: those who run things are invited one by one. */
export const linkRoles = ['PORTAL_ADMIN', 'ORG_MEMBER', 'ORG_VIEWER', 'GUEST'] as const

type Course = Pick<JoinLink, 'revoked_at' | 'expires_at' | 'uses' | 'max_uses'>

/** The status at an instant: computed whenever it is read, by no job. */
export function joinLinkStatus(link: Course, now: number): InvitationStatus {
  if (link.revoked_at !== null) return 'REVOKED'
  if (link.expires_at !== null && link.expires_at <= now) return 'EXPIRED'
  return link.max_uses !== null && link.uses >= link.max_uses ? 'EXHAUSTED' : 'PENDING'
}

/** The same in SQL, for filters. */
const statusConditions = (now: number): Record<InvitationStatus, RawBuilder<unknown>> => {
  const notRevoked = sql`join_links.revoked_at is null`
  const live = sql`${notRevoked} and (join_links.expires_at is null or join_links.expires_at > ${now})`
  return {
    REVOKED: sql`join_links.revoked_at is not null`,
    EXPIRED: sql`${notRevoked} and join_links.expires_at <= ${now}`,
    EXHAUSTED: sql`${live} and join_links.uses >= join_links.max_uses`,
    PENDING: sql`${live} and (join_links.max_uses is null or join_links.uses < join_links.max_uses)`,
    SCHEDULED: sql`1 = 0`,
    ACCEPTED: sql`1 = 0`,
    DECLINED: sql`1 = 0`,
  }
}

/** Why nobody can join by it at this instant; undefined if they can. */
export function joinLinkClosed(link: Course, now: number): Closed | undefined {
  const status = joinLinkStatus(link, now)
  if (status === 'REVOKED') return { reason: 'REVOKED', closedAt: link.revoked_at }
  if (status === 'EXPIRED') return { reason: 'EXPIRED', closedAt: link.expires_at }
  return status === 'EXHAUSTED' ? { reason: 'EXHAUSTED' } : undefined
}

/** Why it cannot be changed: one that is exhausted can be given more uses, one that has expired is revived. */
export const joinLinkUnchangeable = (link: Course, now: number): Closed | undefined =>
  joinLinkClosed({ ...link, max_uses: null }, now)

/** Why it cannot be taken back: what has expired still holds the place of another one. */
export const joinLinkIrrevocable = (link: Course, now: number): Closed | undefined =>
  joinLinkClosed({ ...link, max_uses: null, expires_at: null }, now)

/** Why there is nothing to revive; undefined where there is. */
export function revivalConflict(link: JoinLink, now: number): ConflictError | undefined {
  const conflicts: Partial<Record<InvitationStatus, string>> = {
    REVOKED: 'This link was revoked, and stays so: make a new one.',
    EXHAUSTED: 'This link has not expired: give it more uses by updateJoinLink.',
    PENDING: 'This link has not expired: there is nothing to revive.',
  }
  const conflict = conflicts[joinLinkStatus(link, now)]
  return conflict === undefined ? undefined : new ConflictError(conflict, link)
}

/** Records, once, that the link has expired, whoever comes first, the clock or a later change. */
export async function settleJoinLink(tx: Tx, link: JoinLink): Promise<JoinLink> {
  if (link.due_at === null || link.due_at > tx.now) return link
  const { numUpdatedRows } = await tx.db
    .updateTable('join_links')
    .set({ due_at: null })
    .where('id', '=', link.id)
    .where('due_at', '=', link.due_at)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) {
    tx.record({
      organizationId: link.organization_id,
      invitationId: link.id,
      type: 'EXPIRED',
      status: 'EXPIRED',
      previousStatus: joinLinkStatus(link, link.due_at - 1),
      occurredAt: link.due_at,
    })
  }
  return { ...link, due_at: null }
}

/** The link with this id in which the viewer may do this, settled. */
export async function ownJoinLink(
  tx: Tx,
  viewer: SignedIn,
  permission: Permission,
  id: string,
): Promise<JoinLink> {
  const link = await tx.db
    .selectFrom('join_links')
    .selectAll()
    .where('id', '=', id)
    .where('organization_id', 'in', organizationsOf(viewer, permission))
    .executeTakeFirst()
  if (!link) throw new NotFoundError('There is no such join link.')
  return settleJoinLink(tx, link)
}

/** The link with this id, which is known to be there. */
export const joinLinkById = (tx: Tx, id: string): Promise<JoinLink> =>
  tx.db.selectFrom('join_links').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

export interface JoinLinkFilter {
  roles?: readonly string[] | null | undefined
  statuses?: readonly InvitationStatus[] | null | undefined
}

/** An organization's join links, newest first. */
export const joinLinksOf = (filter: JoinLinkFilter | null | undefined, now: number): Listing => ({
  permission: 'joinLink:read',
  items: 'join_links',
  from: sql`join_links`,
  parent: sql.ref('join_links.organization_id'),
  id: sql.ref('join_links.id'),
  descending: true,
  filters: [
    ...(filter?.roles ? [inRoles(filter.roles)] : []),
    ...(filter?.statuses ? [inStatuses(statusConditions(now), filter.statuses)] : []),
  ],
})

const inRoles = (roles: readonly string[]) =>
  roles.length > 0 ? sql`join_links.role in (${sql.join([...new Set(roles)])})` : sql`1 = 0`

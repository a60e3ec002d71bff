import { type RawBuilder, sql } from 'kysely'
import type { Invite } from '#db/tables.ts'
import { type Closed, type InvitationStatus, inStatuses } from './invitation.ts'
import { containing } from './names.ts'
import type { Listing } from './page.ts'
import type { Tx } from './store.ts'

export type InviteCourse = Pick<Invite, 'revoked_at' | 'valid_from' | 'valid_to' | 'uses' | 'max_uses'>

/** The status at an instant: computed whenever it is read, by no job. */
export function inviteStatus(invite: InviteCourse, now: number): InvitationStatus {
  if (invite.revoked_at !== null) return 'REVOKED'
  if (invite.valid_to !== null && invite.valid_to <= now) return 'EXPIRED'
  if (invite.max_uses !== null && invite.uses >= invite.max_uses) return 'EXHAUSTED'
  if (invite.valid_from > now) return 'SCHEDULED'
  return 'PENDING'
}

/** The same in SQL, for filters. */
const statusConditions = (now: number): Record<InvitationStatus, RawBuilder<unknown>> => {
  const notRevoked = sql`invites.revoked_at is null`
  const live = sql`${notRevoked} and (invites.valid_to is null or invites.valid_to > ${now})`
  const unspent = sql`${live} and (invites.max_uses is null or invites.uses < invites.max_uses)`
  return {
    REVOKED: sql`invites.revoked_at is not null`,
    EXPIRED: sql`${notRevoked} and invites.valid_to <= ${now}`,
    EXHAUSTED: sql`${live} and invites.uses >= invites.max_uses`,
    SCHEDULED: sql`${unspent} and invites.valid_from > ${now}`,
    PENDING: sql`${unspent} and invites.valid_from <= ${now}`,
    ACCEPTED: sql`1 = 0`,
    DECLINED: sql`1 = 0`,
  }
}

/** Why it cannot be accepted at this instant; undefined if it can. */
export function inviteClosed(invite: InviteCourse, now: number): Closed | undefined {
  const status = inviteStatus(invite, now)
  if (status === 'REVOKED') return { reason: 'REVOKED', closedAt: invite.revoked_at }
  if (status === 'EXPIRED') return { reason: 'EXPIRED', closedAt: invite.valid_to }
  if (status === 'EXHAUSTED') return { reason: 'EXHAUSTED' }
  if (status === 'SCHEDULED') return { reason: 'NOT_YET_VALID', opensAt: invite.valid_from }
  return undefined
}

/** Why what was granted by it no longer holds: a grant outlives exhaustion, but not the window nor a revocation. */
export function grantClosed(invite: InviteCourse, now: number): Closed | undefined {
  return inviteClosed({ ...invite, max_uses: null }, now)
}

/** How often it can still be accepted; null without limit. */
export const usesRemaining = (invite: Pick<Invite, 'uses' | 'max_uses'>) =>
  invite.max_uses === null ? null : Math.max(invite.max_uses - invite.uses, 0)

/** When time alone will next change the status. */
export function nextDue(invite: Omit<InviteCourse, 'uses' | 'max_uses'>, now: number): number | null {
  if (invite.revoked_at !== null) return null
  if (invite.valid_from > now) return invite.valid_from
  return invite.valid_to !== null && invite.valid_to > now ? invite.valid_to : null
}

/**
 * Records what time has done to the invite since anybody looked: OPENED and EXPIRED, each once, whoever
 * comes first, the clock or a change that must come after them in the log.
 */
export async function settleInvite(tx: Tx, invite: Invite): Promise<Invite> {
  let due = invite.due_at
  if (due === null || due > tx.now) return invite
  const { numUpdatedRows } = await tx.db
    .updateTable('invites')
    .set({ due_at: nextDue(invite, tx.now) })
    .where('id', '=', invite.id)
    .where('due_at', '=', due)
    .executeTakeFirst()
  while (numUpdatedRows > 0n && due !== null && due <= tx.now) {
    tx.record({
      organizationId: invite.organization_id,
      invitationId: invite.id,
      type: due === invite.valid_to ? 'EXPIRED' : 'OPENED',
      status: inviteStatus(invite, due),
      previousStatus: inviteStatus(invite, due - 1),
      occurredAt: due,
    })
    due = nextDue(invite, due)
  }
  const next = nextDue(invite, tx.now)
  tx.due(next)
  return { ...invite, due_at: next }
}

/** The invite with this id, which is known to be there. */
export const inviteById = (tx: Tx, id: string): Promise<Invite> =>
  tx.db.selectFrom('invites').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

export interface InviteFilter {
  statuses?: readonly InvitationStatus[] | null | undefined
  search?: string | null | undefined
  portalId?: string | null | undefined
}

function conditions(filter: InviteFilter | null | undefined, now: number): RawBuilder<unknown>[] {
  if (!filter) return []
  const { statuses, search, portalId } = filter
  return [
    ...(statuses ? [inStatuses(statusConditions(now), statuses)] : []),
    ...(search?.trim() ? [sql`invites.name_key like ${containing(search)} escape '\\'`] : []),
    ...(portalId
      ? [sql`invites.id in (select invite_id from invite_portals where portal_id = ${portalId})`]
      : []),
  ]
}

const invitesBy = (parent: 'organization_id' | 'integration_id'): Listing => ({
  permission: 'invite:read',
  items: 'invites',
  from: sql`invites`,
  parent: sql.ref(`invites.${parent}`),
  id: sql.ref('invites.id'),
  descending: true,
  filters: [],
})
const invites = {
  organization_id: invitesBy('organization_id'),
  integration_id: invitesBy('integration_id'),
}

/** An organization's or an integration's access invites, newest first. */
export function invitesOf(
  parent: 'organization_id' | 'integration_id',
  filter: InviteFilter | null | undefined,
  now: number,
): Listing {
  const filters = conditions(filter, now)
  return filters.length > 0 ? { ...invites[parent], filters } : invites[parent]
}

const portalInvites: Listing = {
  permission: 'invite:read',
  items: 'invites',
  from: sql`invite_portals`,
  parent: sql.ref('invite_portals.portal_id'),
  id: sql.ref('invite_portals.invite_id'),
  descending: true,
  filters: [],
}

/** The access invites that open a portal, newest first. */
export function invitesOfPortal(filter: InviteFilter | null | undefined, now: number): Listing {
  const filters = conditions(filter, now)
  if (filters.length === 0) return portalInvites
  const from = sql`invite_portals cross join invites on invites.id = invite_portals.invite_id`
  return { ...portalInvites, from, filters }
}

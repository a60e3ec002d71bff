import { type RawBuilder, sql } from 'kysely'
import { ConflictError, type InputIssue, InvitationClosedError } from './errors.ts'

/** The vocabulary that all kinds of invitations share. */
export const statuses = [
  'SCHEDULED',
  'PENDING',
  'ACCEPTED',
  'DECLINED',
  'EXHAUSTED',
  'EXPIRED',
  'REVOKED',
] as const
export type InvitationStatus = (typeof statuses)[number]

/** The condition that an invitation is in one of these statuses, from the condition for each. */
export function inStatuses(
  conditions: Readonly<Record<InvitationStatus, RawBuilder<unknown>>>,
  wanted: readonly InvitationStatus[],
): RawBuilder<unknown> {
  // Each once: SQLite takes no expression of any depth.
  const alternatives = [...new Set(wanted)].sort().map((status) => conditions[status])
  return alternatives.length > 0 ? sql`((${sql.join(alternatives, sql`) or (`)}))` : sql`1 = 0`
}

export const closedReasons = [
  'NOT_YET_VALID',
  'ALREADY_ACCEPTED',
  'DECLINED',
  'EXHAUSTED',
  'EXPIRED',
  'REVOKED',
  'ARCHIVED',
  'ROLE_NOT_GRANTABLE',
] as const
export type ClosedReason = (typeof closedReasons)[number]

export const eventTypes = [
  'CREATED',
  'SENT',
  'ACCEPTED',
  'DECLINED',
  'USED',
  'UPDATED',
  'REVOKED',
  'RESTORED',
  'EXPIRED',
  'OPENED',
  'EXHAUSTED',
  'ARCHIVED',
  'UNARCHIVED',
] as const
export type EventType = (typeof eventTypes)[number]

/** Why an invitation cannot be accepted now, and since or until when where that is known. */
export interface Closed {
  reason: ClosedReason
  opensAt?: number | null
  closedAt?: number | null
}

/** Refuses what is closed to it. */
export function refuseClosed(closed: Closed | undefined) {
  if (closed) throw new InvitationClosedError(closed)
}

/** What is wrong with the instant at which an invitation is to end, if one is given. */
export const expiryFaults = (expiresAt: number | null | undefined, now: number): InputIssue[] =>
  expiresAt == null || expiresAt > now
    ? []
    : [{ path: ['expiresAt'], message: 'expiresAt must be in the future.' }]

/** The same where an invitation is sent again: one that has expired needs a new end. */
export const resentExpiryFaults = (
  { expires_at }: { expires_at: number },
  expiresAt: number | null | undefined,
  now: number,
): InputIssue[] =>
  expiresAt == null && expires_at <= now
    ? [{ path: ['expiresAt'], message: 'It has expired: pass an expiresAt in the future.' }]
    : expiryFaults(expiresAt, now)

/** Refuses a change of what is not any more what its caller has seen. */
export function refuseStale(
  current: { id: string; version: number },
  expectedVersion: number | null | undefined,
) {
  if (expectedVersion != null && expectedVersion !== current.version) throw stale(current)
}

/** Says that another change came first. */
export const stale = (current: { id: string }) =>
  new ConflictError(
    'It has changed meanwhile: look at `current`, and send your change again with its version.',
    current,
  )

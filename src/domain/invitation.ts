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

export const closedReasons = [
  'NOT_YET_VALID',
  'ALREADY_ACCEPTED',
  'DECLINED',
  'EXHAUSTED',
  'EXPIRED',
  'REVOKED',
  'ARCHIVED',
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

import { sql } from 'kysely'
import type { Listing } from './page.ts'

export const activityTypes = [
  'CREATE_ORGANIZATION',
  'CREATE_INTEGRATION',
  'CREATE_PORTAL',
  'CREATE_INVITE',
  'REVOKE_INVITE',
  'ACCEPT_INVITE',
  'OPEN_PORTAL',
  'CREATE_GUEST_INVITATION',
  'REVOKE_GUEST_INVITATION',
  'ACCEPT_GUEST_INVITATION',
  'CREATE_API_KEY',
  'ROTATE_API_KEY',
  'REVOKE_API_KEY',
  'UPDATE_MEMBER',
  'REMOVE_MEMBER',
  'REQUEST_CONNECTION',
  'ACCEPT_CONNECTION',
  'DISCONNECT_ORGANIZATION',
] as const
export type ActivityType = (typeof activityTypes)[number]

export const activityStatuses = ['COMPLETED', 'FAILED', 'CONSENSUS_NEEDED', 'REJECTED'] as const
export type ActivityStatus = (typeof activityStatuses)[number]

export interface ActivityFilter {
  types?: readonly ActivityType[] | null | undefined
  statuses?: readonly ActivityStatus[] | null | undefined
  actorId?: string | null | undefined
  subjectId?: string | null | undefined
}

/** An organization's activities, newest first. */
export function activitiesOf(filter: ActivityFilter | null | undefined): Listing {
  const oneOf = (column: string, values: readonly string[] | null | undefined) =>
    values ? [values.length > 0 ? sql`${sql.ref(column)} in (${sql.join(values)})` : sql`1 = 0`] : []
  const equal = (column: string, value: string | null | undefined) =>
    value != null ? [sql`${sql.ref(column)} = ${value}`] : []
  return {
    permission: 'activity:read',
    items: 'activities',
    from: sql`activities`,
    parent: sql.ref('activities.organization_id'),
    id: sql.ref('activities.id'),
    descending: true,
    filters: [
      ...oneOf('activities.type', filter?.types),
      ...oneOf('activities.status', filter?.statuses),
      ...equal('activities.actor_id', filter?.actorId),
      ...equal('activities.subject_id', filter?.subjectId),
    ],
  }
}

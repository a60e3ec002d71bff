import { sql } from 'kysely'
import { listedRows } from '#db/rows.ts'
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
  'CREATE_INVITES',
  'UPDATE_INVITE',
  'RESTORE_INVITE',
  'REGENERATE_INVITE_TOKEN',
  'CREATE_GUEST_INVITATIONS',
  'UPDATE_GUEST_INVITATION',
  'RESEND_GUEST_INVITATION',
  'ARCHIVE_GUEST_INVITATION',
  'UNARCHIVE_GUEST_INVITATION',
  'CREATE_MEMBER_INVITATION',
  'CREATE_MEMBER_INVITATIONS',
  'UPDATE_MEMBER_INVITATION',
  'RESEND_MEMBER_INVITATION',
  'REVOKE_MEMBER_INVITATION',
  'ACCEPT_MEMBER_INVITATION',
  'DECLINE_MEMBER_INVITATION',
  'CREATE_JOIN_LINK',
  'UPDATE_JOIN_LINK',
  'REVOKE_JOIN_LINK',
  'REVIVE_JOIN_LINK',
  'REGENERATE_JOIN_LINK_TOKEN',
  'JOIN_ORGANIZATION',
  'SEND_WELCOME_MESSAGE',
  'UPDATE_ORGANIZATION',
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
  const subject = (id: string | null | undefined) =>
    id != null ? [sql`(subject_id = ${id} or ${id} in (select value from ${listedRows('subject_ids')}))`] : []
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
      ...subject(filter?.subjectId),
    ],
  }
}

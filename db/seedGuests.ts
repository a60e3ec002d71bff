import { hash } from 'node:crypto'
import { type guestCourseOf, START } from './seedCourses.ts'
import { type SeedSize, seededId, seededToken } from './seedIds.ts'
import type { NewRow } from './tables.ts'

/** Whoever accepts a guest invitation is the next organization. */
const guestOf = ({ organizations }: SeedSize, organization: number) =>
  seededId('org', (organization % organizations) + 1)

/** Each organization has the next one as its guest, if there is another. */
export const connectionRows = (size: SeedSize, organization: number): NewRow<'organization_connections'>[] =>
  size.organizations === 1
    ? []
    : [
        {
          id: seededId('connection', organization),
          host_id: seededId('org', organization),
          guest_id: guestOf(size, organization),
          created_at: START,
          accepted_at: START,
          host_allows: '[]',
          guest_allows: '[]',
        },
      ]

export function guestRow(
  size: SeedSize,
  organization: number,
  n: number,
  created_at: number,
  course: ReturnType<typeof guestCourseOf>,
): NewRow<'guest_invitations'> {
  const email = `guest${n}@example.com`
  return {
    id: seededId('guest_invitation', n, created_at),
    organization_id: seededId('org', organization),
    parent_organization_id: null,
    email,
    email_key: email,
    token_hash: hash('sha256', seededToken(n, 'guest')),
    created_by: null,
    created_at,
    first_sent_at: created_at,
    last_sent_at: created_at,
    archived_at: null,
    ...course.columns,
    guest_organization_id: course.columns.accepted_at === null ? null : guestOf(size, organization),
  }
}

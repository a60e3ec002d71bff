import { hash } from 'node:crypto'
import { type Course, guestCourseOf, inviteCourseOf, START } from './seedCourses.ts'
import { connectionRows, guestRow } from './seedGuests.ts'
import { numbersOf, randomNumbers, type SeedSize, seededId, seededToken } from './seedIds.ts'
import type { NewRow, Tables } from './tables.ts'

/** Rows for one table; written in the order in which they come, what is referred to first. */
export type SeedRows = { [Table in keyof Tables]: { table: Table; rows: NewRow<Table>[] } }[keyof Tables]

const INTEGRATIONS = 10
const PORTALS = 10
/** One guest invitation for so many invites. */
const INVITES_PER_GUEST = 20
const HALF_A_YEAR = 180 * 86_400_000
const WEEK = 7 * 86_400_000

const named = (name: string) => ({ name, name_key: name.toLowerCase() })

/** All organizations, with no events yet: guests refer to them. */
export const organizationRows = ({ organizations }: SeedSize): SeedRows => ({
  table: 'organizations',
  rows: Array.from({ length: organizations }, (_, index) => ({
    id: seededId('org', index + 1),
    ...named(`Organization ${index + 1} GmbH`),
    parent_id: null,
    default_validity: WEEK,
    last_sequence: 0,
    created_at: START,
  })),
})

/** Everything of one organization, its log last, complete and in the order of time. */
export function rowsOf(size: SeedSize, organization: number): SeedRows[] {
  const organization_id = seededId('org', organization)
  const door = { organization_id, created_at: START }
  const integrations: NewRow<'integrations'>[] = []
  const portals: NewRow<'portals'>[] = []
  for (let index = 1; index <= INTEGRATIONS; index++) {
    const n = (organization - 1) * INTEGRATIONS + index
    const integration_id = seededId('integration', n)
    integrations.push({ id: integration_id, ...door, ...named(`Integration ${n}`) })
    for (let p = (n - 1) * PORTALS + 1; p <= n * PORTALS; p++) {
      portals.push({ id: seededId('portal', p), ...door, integration_id, ...named(`Portal number ${p}`) })
    }
  }
  return [
    { table: 'integrations', rows: integrations },
    { table: 'portals', rows: portals },
    ...invitationRows(size, organization),
  ]
}

function invitationRows(size: SeedSize, organization: number): SeedRows[] {
  const organization_id = seededId('org', organization)
  const random = randomNumbers(organization)
  const invites: NewRow<'invites'>[] = []
  const invitePortals: NewRow<'invite_portals'>[] = []
  const grants: NewRow<'access_grants'>[] = []
  const guests: NewRow<'guest_invitations'>[] = []
  const events: Omit<NewRow<'invitation_events'>, 'sequence'>[] = []
  const record = (invitation_id: string, { events: own }: Course<object>) =>
    events.push(...own.map((event) => ({ organization_id, invitation_id, ...event })))

  const { first, last } = numbersOf(size, organization)
  for (let n = first; n <= last; n++) {
    const created_at = START + Math.floor((n * HALF_A_YEAR) / size.invites)
    const id = seededId('invite', n, created_at)
    const course = inviteCourseOf(random, created_at)
    const place = n - first
    const integration = (organization - 1) * INTEGRATIONS + (place % INTEGRATIONS)
    invites.push({
      id,
      organization_id,
      integration_id: seededId('integration', integration + 1),
      ...named(`Invite ${n} for partners`),
      token_hash: hash('sha256', seededToken(n)),
      messages: n % 4 === 0 ? WELCOME : '[]',
      created_by: null,
      created_at,
      ...course.columns,
    })
    for (const position of [0, 1]) {
      const portal = (Math.floor(place / INTEGRATIONS) + position) % PORTALS
      const portal_id = seededId('portal', integration * PORTALS + portal + 1)
      invitePortals.push({ invite_id: id, position, portal_id })
    }
    const uses = course.events.filter((event) => event.type === 'USED')
    for (const [use, { occurred_at }] of uses.entries()) {
      grants.push({
        id: seededId('grant', 10 * n + use, occurred_at),
        organization_id,
        invite_id: id,
        token_hash: hash('sha256', seededToken(10 * n + use, 'grant')),
        guest_name: `Guest ${use + 1}`,
        created_at: occurred_at,
      })
    }
    record(id, course)

    if (n % INVITES_PER_GUEST !== 0) continue
    const guestCourse = guestCourseOf(random, created_at, size.organizations > 1)
    const guest = guestRow(size, organization, n / INVITES_PER_GUEST, created_at, guestCourse)
    guests.push(guest)
    record(guest.id, guestCourse)
  }

  events.sort((a, b) => a.occurred_at - b.occurred_at)
  return [
    { table: 'invites', rows: invites },
    { table: 'invite_portals', rows: invitePortals },
    { table: 'access_grants', rows: grants },
    { table: 'guest_invitations', rows: guests },
    { table: 'organization_connections', rows: connectionRows(size, organization) },
    {
      table: 'invitation_events',
      rows: events.map((event, index) => ({ ...event, sequence: index + 1 })),
    },
  ]
}

const WELCOME = JSON.stringify([
  { locale: 'en', text: 'Welcome to our house.' },
  { locale: 'de', text: 'Willkommen in unserem Haus.' },
])

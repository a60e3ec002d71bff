import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Database } from '#db/client.ts'
import { seed } from '#db/seed.ts'
import { guestInvitationStatus } from '#domain/guestInvitation.ts'
import { type IdType, prefixOf, typeOfId } from '#domain/ids.ts'
import { inviteStatus, nextDue } from '#domain/invite.ts'
import { testDatabase } from '../kit/app.ts'

const size = { organizations: 3, invites: 500 }
const now = Date.now()

async function seeded(): Promise<Database> {
  const database = await testDatabase()
  await seed(database, size)
  return database
}

const tables = [
  'organizations',
  'integrations',
  'portals',
  'invites',
  'access_grants',
  'guest_invitations',
] as const
const idTypes: IdType[] = [
  'Organization',
  'Integration',
  'Portal',
  'Invite',
  'AccessGrant',
  'GuestInvitation',
]

test('the same size makes the same rows, shaped like any other', async () => {
  const [first, second] = [await seeded(), await seeded()]
  const others = ['invite_portals', 'organization_connections', 'invitation_events'] as const
  for (const table of [...tables, ...others]) {
    const rows = await first.reader.selectFrom(table).selectAll().execute()
    expect(rows.length).toBeGreaterThan(0)
    expect(await second.reader.selectFrom(table).selectAll().execute()).toEqual(rows)
  }
  for (const [index, table] of tables.entries()) {
    const ids = await first.reader.selectFrom(table).select('id').orderBy('id').execute()
    const type = idTypes[index] as IdType
    expect(new Set(ids.map(({ id }) => typeOfId(id)))).toEqual(new Set([type]))
    expect(ids[0]?.id.startsWith(prefixOf(type))).toBe(true)
  }
})

test('each organization has 10 integrations of 10 portals, each invite opens 2 of one integration', async () => {
  const { reader } = await seeded()
  const count = async (query: ReturnType<typeof sql<{ count: number }>>) => (await query.execute(reader)).rows
  expect(
    await count(sql`select distinct count(*) as count from integrations group by organization_id`),
  ).toEqual([{ count: 10 }])
  expect(await count(sql`select distinct count(*) as count from portals group by integration_id`)).toEqual([
    { count: 10 },
  ])
  expect(
    await count(sql`select distinct count(*) as count from invites
      join invite_portals on invite_id = invites.id
      join portals on portals.id = portal_id and portals.integration_id = invites.integration_id
        and portals.organization_id = invites.organization_id
      group by invites.id`),
  ).toEqual([{ count: 2 }])
  expect(await count(sql`select count(*) as count from guest_invitations`)).toEqual([{ count: 25 }])
})

test('statuses are mixed, and due_at is what the rules say', async () => {
  const { reader } = await seeded()
  const invites = await reader.selectFrom('invites').selectAll().execute()
  const guests = await reader.selectFrom('guest_invitations').selectAll().execute()

  expect(new Set(invites.map((invite) => inviteStatus(invite, now)))).toEqual(
    new Set(['PENDING', 'SCHEDULED', 'EXPIRED', 'EXHAUSTED', 'REVOKED']),
  )
  expect(invites.map((invite) => invite.due_at)).toEqual(invites.map((invite) => nextDue(invite, now)))
  expect(new Set(guests.map((guest) => guestInvitationStatus(guest, now)))).toEqual(
    new Set(['PENDING', 'ACCEPTED', 'EXPIRED', 'REVOKED']),
  )
  for (const guest of guests) {
    const open = guestInvitationStatus(guest, now) === 'PENDING'
    expect(guest).toMatchObject({ closed: open ? 0 : 1, due_at: open ? guest.expires_at : null })
  }
})

test('each log is gapless, in the order of time, and tells how each invite came to its status', async () => {
  const { reader } = await seeded()
  const organizations = await reader.selectFrom('organizations').selectAll().execute()
  const invites = await reader.selectFrom('invites').selectAll().execute()
  const log = await reader.selectFrom('invitation_events').selectAll().orderBy('sequence').execute()

  for (const { id, last_sequence } of organizations) {
    const own = log.filter((event) => event.organization_id === id)
    expect(own.map((event) => event.sequence)).toEqual(Array.from({ length: last_sequence }, (_, i) => i + 1))
    expect(own.map((event) => event.occurred_at)).toEqual(
      own.map((event) => event.occurred_at).toSorted((a, b) => a - b),
    )
  }
  const eventsOf = Map.groupBy(log, (event) => event.invitation_id)
  const grants = await reader.selectFrom('access_grants').select('invite_id').execute()
  const grantsOf = Map.groupBy(grants, (grant) => grant.invite_id)
  for (const invite of invites) {
    const events = eventsOf.get(invite.id) ?? []
    expect(events[0]).toMatchObject({
      type: 'CREATED',
      previous_status: null,
      occurred_at: invite.created_at,
    })
    expect(events.at(-1)?.status).toBe(inviteStatus(invite, now))
    expect(events.filter(({ type }) => type === 'USED')).toHaveLength(invite.uses)
    expect(grantsOf.get(invite.id) ?? []).toHaveLength(invite.uses)
  }
})

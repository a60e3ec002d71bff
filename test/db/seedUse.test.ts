import { expect, test } from 'vitest'
import type { Database } from '#db/client.ts'
import { AlreadySeededError, seed } from '#db/seed.ts'
import { seededToken } from '#db/seedIds.ts'
import type { Invite } from '#db/tables.ts'
import { inviteStatus } from '#domain/invite.ts'
import { hashSecret, kindOfSecret } from '#domain/secrets.ts'
import { testApp, testDatabase } from '../kit/app.ts'

const size = { organizations: 3, invites: 500 }
const now = Date.now()

async function seeded(): Promise<Database> {
  const database = await testDatabase()
  await seed(database, size)
  return database
}

test('tokens can be told from their number and look like real ones', async () => {
  const { reader } = await seeded()
  const hashes = (table: 'invites' | 'guest_invitations') =>
    reader.selectFrom(table).select('token_hash').orderBy('id').execute()

  expect(kindOfSecret(seededToken(1))).toBe('invite')
  expect(kindOfSecret(seededToken(1, 'guest'))).toBe('guestInvitation')
  expect(kindOfSecret(seededToken(1, 'grant'))).toBe('grant')
  expect((await hashes('invites')).map((row) => row.token_hash)).toEqual(
    Array.from({ length: 500 }, (_, index) => hashSecret(seededToken(index + 1))),
  )
  expect((await hashes('guest_invitations'))[24]?.token_hash).toBe(hashSecret(seededToken(25, 'guest')))
})

test('a server that starts on it has nothing to catch up with, and knows its tokens', async () => {
  const database = await seeded()
  const events = () => database.reader.selectFrom('invitation_events').selectAll().execute()
  const before = (await events()).length
  const app = await testApp({ database })
  const open = (invite: Invite) => inviteStatus(invite, now) === 'PENDING'
  const all = await database.reader.selectFrom('invites').selectAll().orderBy('id').execute()

  const { data } = await app.call(
    'query ($token: String!) { invitationPreview(token: $token) { name status } }',
    {
      token: seededToken(all.findIndex(open) + 1),
    },
  )

  expect((await events()).length).toBe(before)
  expect(data.invitationPreview).toEqual({ name: all.find(open)?.name, status: 'PENDING' })
})

test('it is refused a second time, whatever the size, and changes nothing', async () => {
  const database = await seeded()
  const invites = () => database.reader.selectFrom('invites').selectAll().execute()
  const before = await invites()

  await expect(seed(database, { organizations: 1, invites: 20 })).rejects.toThrow(AlreadySeededError)

  expect(await invites()).toEqual(before)
})

test('one organization has no guests to accept, and progress goes up to the whole', async () => {
  const shares: number[] = []
  const database = await testDatabase()

  const rows = await seed(
    database,
    { organizations: 1, invites: 7000 },
    (_, share) => void shares.push(share),
  )

  expect(rows).toBeGreaterThan(20_000)
  expect(shares.length).toBeGreaterThan(3)
  expect(shares).toEqual(shares.toSorted((a, b) => a - b))
  expect(shares.at(-1)).toBe(1)
  const connections = await database.reader.selectFrom('organization_connections').selectAll().execute()
  expect(connections).toEqual([])
})

import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { dumpOfThings } from '../kit/dump.ts'
import { type House, house } from '../kit/story.ts'
import { does, story } from './changing.ts'

async function twoHouses() {
  const app = await testApp()
  const acme = await house(app)
  const other = await house(app, 'Other')
  const row = (more: object = {}, of: House = acme) => ({
    ...{ integrationId: of.integrationId, portalIds: of.portalIds, ...more },
  })
  const create = (invites: object[], more: object = {}) =>
    does(acme.ask, 'createInvites', { invites, ...more })
  return { app, acme, other, row, create }
}

const kinds = ({ results }: { results: { __typename: string }[] }) =>
  results.map((result) => result.__typename)

test('a hundred rows, each by itself: bad ones keep no other from being done, in the order of the input', async () => {
  const { app, acme, other, row, create } = await twoHouses()
  const rows: object[] = Array.from({ length: 100 }, (_, index) => row({ name: `Visit ${index}` }))
  rows[3] = row({ name: ' ', maxUses: 0, expiresIn: '1y' })
  rows[50] = row({}, other)
  rows[51] = { ...row(), portalIds: other.portalIds }
  rows[99] = row({ validTo: '2020-01-01T00:00:00Z' })
  const done = await create(rows)
  expect(done.replayed).toBe(false)
  const expected = Array(100).fill('CreateInvitePayload')
  expected[3] = expected[99] = 'InvalidInputError'
  expected[50] = expected[51] = 'NotFoundError'
  expect(kinds(done)).toEqual(expected)
  expect(done.results[3].issues.map(({ path }: { path: string[] }) => path.join('.')).sort()).toEqual([
    ...['invites.3.expiresIn', 'invites.3.maxUses', 'invites.3.name'],
  ])
  expect(done.results[99].issues).toMatchObject([{ path: ['invites', '99', 'validTo'] }])
  expect(done.results[98].invite).toMatchObject({ name: 'Visit 98', status: 'PENDING' })
  expect(done.results[98].inviteUrl).toBe(`https://latchkey.test/invite/${done.results[98].token}`)
  expect(await story(app)).toEqual(Array(96).fill('CREATED - > PENDING'))
  const { organization } = await acme.ask(
    '{ organization { activities(filter: { types: [CREATE_INVITES] }) { edges { node { status subjectId subjectIds } } } } }',
  )
  const ids = done.results.flatMap((result: { invite?: { id: string } }) => result.invite?.id ?? [])
  expect(organization.activities.edges).toEqual([
    { node: { status: 'COMPLETED', subjectId: null, subjectIds: ids } },
  ])
})

test('all or nothing: where one row is bad, nothing is done, and the others say so', async () => {
  const { app, acme, row, create } = await twoHouses()
  const before = await dumpOfThings(app)
  const rows = [row(), row({ maxUses: 0 }), row()]
  const done = await create(rows, { atomic: true, idempotencyKey: 'once' })
  expect(kinds(done)).toEqual(['NotDoneError', 'InvalidInputError', 'NotDoneError'])
  expect(await dumpOfThings(app)).toEqual(before)
  const { organization } = await acme.ask(
    '{ organization { activities(first: 1) { edges { node { type failure } } } } }',
  )
  expect(organization.activities.edges).toEqual([{ node: { type: 'CREATE_INVITES', failure: 'NOT_DONE' } }])
  // Nothing was done under the key: it can be used for what is right.
  const right = await create([row(), row()], { atomic: true, idempotencyKey: 'once' })
  expect(kinds(right)).toEqual(['CreateInvitePayload', 'CreateInvitePayload'])
})

test('the same call again answers with the same rows, the refused ones too, secrets left out', async () => {
  const { app, row, create } = await twoHouses()
  const rows = [
    row({ name: 'Party' }),
    row({ name: '' }),
    row({ integrationId: row().integrationId, maxUses: 1 }),
  ]
  const first = await create(rows, { idempotencyKey: 'once' })
  const before = await dumpOfThings(app)
  const again = await create(rows, { idempotencyKey: 'once' })
  const unseen = { token: null, inviteUrl: null, qrCode: null, replayed: true }
  expect(again).toEqual({
    ...{ ...first, replayed: true },
    results: [{ ...first.results[0], ...unseen }, first.results[1], { ...first.results[2], ...unseen }],
  })
  expect(await create(rows.slice(1), { idempotencyKey: 'once' })).toMatchObject({ code: 'CONFLICT' })
  expect(await dumpOfThings(app)).toEqual(before)
})

test('1 to 100 rows', async () => {
  const { row, create } = await twoHouses()
  for (const rows of [[], Array(101).fill(row())]) {
    expect(await create(rows)).toMatchObject({ issues: [{ path: ['invites'] }] })
  }
})

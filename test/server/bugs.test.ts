import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { organization, type TestApp, testApp, testDatabase } from '../kit/app.ts'
import { house, invite } from '../kit/story.ts'

const REQUEST_ID = 'client-request-0001'
const headers = { 'x-client-request-id': REQUEST_ID }
const MASKED = {
  message: 'Something went wrong on our side. Tell us the request id.',
  extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: REQUEST_ID },
}

const drop = (app: TestApp, table: string) =>
  app.store.write(async (tx) => {
    await sql`alter table ${sql.table(table)} rename to gone`.execute(tx.db)
  })

/** The log has it once, with the request's id and what went wrong; the answer tells nothing of that. */
function expectMasked(app: TestApp, answer: object) {
  expect(JSON.stringify(answer)).not.toMatch(/sqlite|no such table|select|insert|\.ts|\/|at /i)
  expect(app.logged).toHaveLength(1)
  expect(JSON.parse(app.logged[0] ?? '')).toMatchObject({
    level: 50,
    requestId: REQUEST_ID,
    err: { message: expect.stringMatching(/no such table|not open/), stack: expect.stringContaining('at ') },
  })
}

test('a bug below a query is masked, and logged once with the id of its request', async () => {
  const app = await testApp()
  const { key, id } = await organization(app)
  await drop(app, 'invites')
  const answer = await app.call('{ organization { id invites { totalCount } } }', {}, { key, headers })
  expect(answer).toMatchObject({
    status: 200,
    data: { organization: null },
    errors: [{ ...MASKED, path: ['organization', 'invites'] }],
  })
  expectMasked(app, answer)
  expect((await app.call('{ organization { id } }', {}, { key })).data).toEqual({ organization: { id } })
})

test('a bug below a mutation is masked, and nothing of it is kept', async () => {
  const app = await testApp()
  const { key } = await organization(app)
  await drop(app, 'api_keys')
  // A view can be read, so that the caller is known, and not be written to.
  await app.store.write(async (tx) => {
    await sql`create view api_keys as select * from gone`.execute(tx.db)
  })
  const answer = await app.call(
    'mutation { createOrganization(input: { name: "Annex" }) { __typename } }',
    {},
    { key, headers },
  )
  expect(answer).toMatchObject({ data: null, errors: [{ ...MASKED, path: ['createOrganization'] }] })
  expect(app.logged).toHaveLength(1)
  const { rows } = await sql`select * from organizations where name = 'Annex'`.execute(app.store.db)
  expect(rows).toEqual([])
})

test('a stored value that the schema cannot show is a bug as any other', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { id } = await invite(acme)
  await app.store.write(async (tx) => {
    await sql`update invites set uses = 'stored nonsense'`.execute(tx.db)
  })
  const query = 'query ($id: ID!) { invite(id: $id) { uses } }'
  const answer = await app.call(query, { id }, { key: acme.key, headers })
  expect(answer).toMatchObject({ data: { invite: null }, errors: [{ ...MASKED, path: ['invite', 'uses'] }] })
  expect(JSON.stringify(answer)).not.toContain('nonsense')
  expect(app.logged).toHaveLength(1)
})

test('a bug before the operation, as of a database that is gone, is masked in the same way', async () => {
  const app = await testApp()
  const { key } = await organization(app)
  await drop(app, 'api_keys')
  const answer = await app.call('{ organization { id } }', {}, { key, headers })
  expect(answer).toEqual({ status: 500, data: null, errors: [MASKED] })
  expectMasked(app, answer)
})

test('without an id of the client’s the answer, its header and the log name one of ours', async () => {
  const app = await testApp()
  const { key } = await organization(app)
  await drop(app, 'organizations')
  const response = await app.post(JSON.stringify({ query: '{ organization { id } }' }), {
    authorization: `Bearer ${key}`,
  })
  const { errors } = (await response.json()) as { errors: { extensions: { requestId: string } }[] }
  const id = response.headers.get('x-client-request-id')
  expect(errors[0]?.extensions.requestId).toBe(id)
  expect(app.logged.map((line) => JSON.parse(line).requestId)).toEqual([id])
})

test('/ready says no once the database is gone, and nothing more', async () => {
  const database = await testDatabase()
  const app = await testApp({ database })
  await database.close()
  const response = await app.fetch(new Request('http://latchkey.test/ready'))
  expect([response.status, await response.text()]).toEqual([503, 'not ready\n'])
})

import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { testApp, testDatabase } from '../kit/app.ts'
import { startServer } from '../kit/server.ts'

const body = '{"query":"{ __typename }"}'

const at = (path: string, init?: RequestInit) => new Request(`http://latchkey.test${path}`, init)

test('/health and /ready answer in plain text, never from a cache; HEAD without a body', async () => {
  const app = await testApp()
  for (const [path, body] of [
    ['/health', 'ok\n'],
    ['/ready', 'ready\n'],
  ] as const) {
    const response = await app.fetch(at(path))
    expect([response.status, await response.text()]).toEqual([200, body])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('x-yoga-id')).toBeNull()
    expect((await app.fetch(at(path, { method: 'HEAD' }))).status).toBe(200)
    expect((await app.fetch(at(path, { method: 'POST' }))).status).toBe(404)
  }
})

test('/health names the database, so that its operator can tell it from another; and lives without one', async () => {
  const [here, there] = [await testDatabase(), await testDatabase()]
  const idOf = async (database: typeof here) => {
    const app = await testApp({ database })
    return (await app.fetch(at('/health'))).headers.get('x-latchkey-database')
  }
  const id = await idOf(here)
  expect(id).toMatch(/^[0-9a-f]{16}$/)
  expect(await idOf(here)).toBe(id)
  await sql`update kysely_migration set timestamp = '2020-01-01T00:00:00.000Z'`.execute(there.writer)
  expect(await idOf(there)).not.toBe(id)
  await sql`alter table kysely_migration rename to gone`.execute(there.writer)
  const response = await (await testApp({ database: there })).fetch(at('/health'))
  expect([response.status, response.headers.get('x-latchkey-database')]).toEqual([200, null])
})

test('while draining /ready says no, /health goes on', async () => {
  const app = await testApp()
  app.drain()
  expect((await app.fetch(at('/ready'))).status).toBe(503)
  expect((await app.fetch(at('/health'))).status).toBe(200)
})

test('/ready says no while migrations are pending, and no word of why', async () => {
  const database = await testDatabase()
  const app = await testApp({ database })
  await sql`delete from kysely_migration`.execute(database.writer)
  const response = await app.fetch(at('/ready'))
  expect([response.status, await response.text()]).toEqual([503, 'not ready\n'])
})

test('an id of the client’s is echoed where it is well formed, and replaced where it is not', async () => {
  const app = await testApp()
  const echo = async (id: string, path = '/health') => {
    const response = await app.fetch(at(path, { headers: { 'x-client-request-id': id } }))
    return response.headers.get('x-client-request-id')
  }
  for (const id of ['a2345678', 'A.b_C-d.0', 'x'.repeat(128)]) {
    for (const path of ['/health', '/nothing', '/graphql']) expect(await echo(id, path)).toBe(id)
  }
  for (const id of [
    '',
    'a234567',
    'x'.repeat(129),
    'with blank',
    'semi;colon',
    'slash/slash',
    '<script>',
    'aaaaaaaé',
  ]) {
    expect(await echo(id), id).toMatch(/^[0-9a-f-]{36}$/)
  }
  expect(await echo('short')).not.toBe(await echo('short'))
})

test('what is not the API is not found', async () => {
  const { url: server } = await startServer()
  for (const path of [
    '/',
    '/x',
    '/graphql2',
    '/admin/graphql',
    '/graphql/x',
    '/x?/graphql',
    '/x/health',
    '//',
  ]) {
    for (const method of ['GET', 'POST']) {
      const response = await fetch(server + path, {
        method,
        ...(method === 'POST' && { body, headers: { 'content-type': 'application/json' } }),
      })
      expect(response.status, path).toBe(404)
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] })
    }
  }
  const head = await fetch(`${server}/x`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([404, ''])
  expect(
    (
      await fetch(`${server}/graphql?/health`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      })
    ).status,
  ).toBe(200)
})

import { expect, test } from 'vitest'
import { organization, testApp } from '../kit/app.ts'

const ORIGIN = 'https://app.example.com'
const QUERY = '{"query":"{ __typename }"}'
const json = { 'content-type': 'application/json' }

type App = Awaited<ReturnType<typeof testApp>>

const at = (path: string, init?: RequestInit) => new Request(`http://latchkey.test${path}`, init)

/** One answer of every kind, by what it is. */
const answers: Record<string, { path: string; init?: RequestInit; status: number }> = {
  data: { path: '/graphql', init: { method: 'POST', body: QUERY, headers: json }, status: 200 },
  'a field error': {
    path: '/graphql',
    init: { method: 'POST', body: '{"query":"{ organization { id } }"}', headers: json },
    status: 200,
  },
  'a syntax error': {
    path: '/graphql',
    init: {
      method: 'POST',
      body: '{"query":"{"}',
      headers: { ...json, accept: 'application/graphql-response+json' },
    },
    status: 400,
  },
  'a body that is none': {
    path: '/graphql',
    init: { method: 'POST', body: '{', headers: json },
    status: 400,
  },
  'a bad key': {
    path: '/graphql',
    init: { method: 'POST', body: QUERY, headers: { ...json, authorization: 'Bearer lk_key_x' } },
    status: 401,
  },
  'another method': { path: '/graphql', init: { method: 'PUT', body: QUERY, headers: json }, status: 405 },
  'a form': { path: '/graphql', init: { method: 'POST', body: new URLSearchParams(QUERY) }, status: 415 },
  'what is not found': { path: '/nothing', status: 404 },
  '/health': { path: '/health', status: 200 },
  '/ready': { path: '/ready', status: 200 },
  '/schema.graphql': { path: '/schema.graphql', status: 200 },
  'a preflight': {
    path: '/graphql',
    init: { method: 'OPTIONS', headers: { origin: ORIGIN, 'access-control-request-method': 'POST' } },
    status: 204,
  },
}

const expected = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=31536000',
  'x-client-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
}

test.each(Object.entries(answers))('%s carries every header that guards it', async (_, answer) => {
  const app = await testApp({ corsOrigins: [ORIGIN] })
  const response = await app.fetch(at(answer.path, answer.init))
  expect(response.status).toBe(answer.status)
  expect(Object.fromEntries(response.headers)).toMatchObject(expected)
  expect(response.headers.get('server')).toBeNull()
  expect(response.headers.get('x-powered-by')).toBeNull()
})

test('a stream of events carries them too', async () => {
  const app = await testApp()
  const { key } = await organization(app)
  const response = await app.post('{"query":"subscription { invitationEvents { type } }"}', {
    authorization: `Bearer ${key}`,
    accept: 'text/event-stream',
  })
  await response.body?.cancel()
  const { 'cache-control': _, ...others } = expected
  expect(Object.fromEntries(response.headers)).toMatchObject(others)
  expect(response.headers.get('cache-control')).toContain('no-cache')
})

test('GraphiQL keeps the policy that its page needs, and the rest', async () => {
  const app = await testApp({ graphiql: {} })
  const page = await app.fetch(at('/graphql', { headers: { accept: 'text/html' } }))
  const { 'content-security-policy': _, ...others } = expected
  expect(Object.fromEntries(page.headers)).toMatchObject(others)
  const policy = page.headers.get('content-security-policy')
  expect(policy).toContain("script-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'")
  const [, script = ''] = /src="(\/graphiql\/[^"]+)"/.exec(await page.text()) ?? []
  const file = await app.fetch(at(script))
  expect(file.status).toBe(200)
  const { 'cache-control': kept, ...rest } = expected
  expect(Object.fromEntries(file.headers)).toMatchObject(rest)
  expect(file.headers.get('cache-control')).toContain('immutable')
})

test('HTTPS is insisted on only where the public address has it', async () => {
  for (const publicUrl of ['http://latchkey.test', 'http://localhost:4000']) {
    const app = await testApp({ publicUrl })
    for (const path of ['/health', '/graphql']) {
      expect((await app.fetch(at(path))).headers.get('strict-transport-security')).toBeNull()
    }
  }
})

test('an error that is masked names the request, in its answer and its header', async () => {
  const app: App = await testApp()
  const { key } = await organization(app)
  await app.store.write((tx) => tx.db.schema.alterTable('integrations').renameTo('lost').execute())
  const query = '{ organization { integrations { totalCount } } }'
  for (const id of [undefined, 'client-request-0001']) {
    const response = await app.post(JSON.stringify({ query }), {
      authorization: `Bearer ${key}`,
      ...(id && { 'x-client-request-id': id }),
    })
    const { errors } = (await response.json()) as { errors: { extensions: object }[] }
    const requestId = response.headers.get('x-client-request-id')
    expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'INTERNAL_SERVER_ERROR', requestId }])
    if (id) expect(requestId).toBe(id)
  }
})

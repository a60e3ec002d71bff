import { expect, test } from 'vitest'
import { organization, testApp } from '../kit/app.ts'

type App = Awaited<ReturnType<typeof testApp>>

async function get(app: App, parameters: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await app.fetch(
    new Request(`http://latchkey.test/graphql?${new URLSearchParams(parameters)}`, { headers }),
  )
  const body = (await response.json()) as { data?: object; errors?: { extensions: { code: string } }[] }
  return {
    response,
    status: response.status,
    ...body,
    codes: body.errors?.map(({ extensions }) => extensions.code),
  }
}

const CREATE = 'mutation { createIntegration(input: { name: "Annex" }) { __typename } }'

test('queries come by GET where that is allowed, with variables, names and keys', async () => {
  const app = await testApp({ allowGet: true })
  const acme = await organization(app)
  const authorization = `Bearer ${acme.key}`
  expect(await get(app, { query: '{ __typename }' })).toMatchObject({
    status: 200,
    data: { __typename: 'Query' },
  })
  const named = await get(
    app,
    {
      query: 'query A { __typename } query B($id: ID!) { node(id: $id) { id } }',
      operationName: 'B',
      variables: JSON.stringify({ id: acme.id }),
    },
    { authorization },
  )
  expect(named).toMatchObject({ status: 200, data: { node: { id: acme.id } } })
  expect(named.response.headers.get('cache-control')).toBe('no-store')
})

test.each([
  ['a mutation', { query: CREATE }],
  [
    'a mutation beside a query',
    { query: `query A { __typename } ${CREATE.replace('mutation', 'mutation B')}`, operationName: 'B' },
  ],
])('%s by GET is refused with 405, and not done', async (_, parameters) => {
  const app = await testApp({ allowGet: true })
  const { key } = await organization(app)
  const { status, codes, response } = await get(app, parameters, { authorization: `Bearer ${key}` })
  expect([status, codes]).toEqual([405, ['BAD_REQUEST']])
  expect(response.headers.get('allow')).toBe('POST')
  const { data } = await app.call('{ organization { integrations { totalCount } } }', {}, { key })
  expect(data.organization.integrations.totalCount).toBe(0)
})

test('a subscription by GET streams to nobody who does not accept it', async () => {
  const app = await testApp({ allowGet: true })
  const { key } = await organization(app)
  const { status, codes } = await get(
    app,
    { query: 'subscription { invitationEvents { type } }' },
    { authorization: `Bearer ${key}`, accept: 'application/json' },
  )
  expect(status).toBeGreaterThanOrEqual(400)
  expect(codes).toEqual(['BAD_REQUEST'])
})

test.each([
  ['no query', {}],
  ['variables that are no JSON', { query: '{ __typename }', variables: '{' }],
  ['variables that are no object', { query: '{ __typename }', variables: '[]' }],
  ['an unknown parameter', { query: '{ __typename }', x: 'y' }],
])('%s by GET is a bad request', async (_, parameters) => {
  const app = await testApp({ allowGet: true })
  const { status, codes } = await get(app, parameters as Record<string, string>)
  expect([status, codes]).toEqual([400, ['BAD_REQUEST']])
  expect(app.logged).toEqual([])
})

test('other methods are told of both', async () => {
  const app = await testApp({ allowGet: true })
  const response = await app.fetch(new Request('http://latchkey.test/graphql', { method: 'DELETE' }))
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST'])
})

test('without the option GET is refused with 405, whatever it asks', async () => {
  const app = await testApp()
  for (const query of ['{ __typename }', CREATE, '']) {
    const { status, codes, response } = await get(app, { query })
    expect([status, codes]).toEqual([405, ['BAD_REQUEST']])
    expect(response.headers.get('allow')).toBe('POST')
  }
})

test('preflights are answered as before', async () => {
  const origin = 'https://app.example.com'
  for (const allowGet of [true, false]) {
    const app = await testApp({ allowGet, corsOrigins: [origin] })
    const preflight = (from: string) =>
      app.fetch(
        new Request('http://latchkey.test/graphql', {
          method: 'OPTIONS',
          headers: {
            origin: from,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'authorization',
          },
        }),
      )
    const allowed = await preflight(origin)
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, origin])
    expect(allowed.headers.get('access-control-allow-headers')).toBe('authorization')
    const refused = await preflight('https://elsewhere.example')
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([405, null])
  }
})

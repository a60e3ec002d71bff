import { expect, test } from 'vitest'
import { organization, testApp } from '../kit/app.ts'

const url = 'http://latchkey.test/graphql'
const body = JSON.stringify({ query: '{ __typename }' })
const json = { 'content-type': 'application/json' }

/** What a refusal as a whole looks like, whatever the reason. */
async function expectRefused(response: Response, status: number) {
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(await response.json()).toEqual({
    errors: [{ message: expect.stringMatching(/\.$/), extensions: { code: 'BAD_REQUEST' } }],
  })
}

test.for(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
  '%s is refused, with the method to use',
  async (method) => {
    const app = await testApp()
    const hasBody = method !== 'GET' && method !== 'HEAD'
    const response = await app.fetch(
      new Request(`${url}?query={__typename}`, { method, headers: json, ...(hasBody && { body }) }),
    )
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
  },
)

test.for([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/graphql',
  'application/jsonp',
  'application/json; charset=iso-8859-1',
  'application/json, text/plain',
  '',
])('a body of the type "%s" is refused', async (contentType) => {
  const app = await testApp()
  await expectRefused(
    await app.fetch(new Request(url, { method: 'POST', body, headers: { 'content-type': contentType } })),
    415,
  )
})

test.for([
  'application/json',
  'Application/JSON; Charset=UTF-8',
  'application/json;charset="utf-8"',
  'application/json ; charset=utf8',
])('a body of the type %s is taken', async (contentType) => {
  const app = await testApp()
  const response = await app.fetch(
    new Request(url, { method: 'POST', body, headers: { 'content-type': contentType } }),
  )
  expect(await response.json()).toEqual({ data: { __typename: 'Query' } })
})

test.for([
  '',
  ' ',
  '{',
  '{"query":"{__typename}"',
  "{'query': '{__typename}'}",
  'null',
  '5',
  '"{__typename}"',
  '[]',
  `[${body}]`,
  '{}',
  '{"query":null}',
  '{"query":5}',
  '{"query":{"a":1}}',
  '{"query":"{__typename}","variables":"{}"}',
  '{"query":"{__typename}","variables":[]}',
  '{"query":"{__typename}","variables":5}',
  '{"query":"{__typename}","operationName":5}',
  '{"query":"{__typename}","extensions":[]}',
  '{"query":"{__typename}","variable":{}}',
  '['.repeat(90_000),
  `${'['.repeat(45_000)}${']'.repeat(45_000)}`,
])('the body %.40s is refused', async (text) => {
  const app = await testApp()
  await expectRefused(await app.post(text), 400)
  expect(app.logged).toEqual([])
})

test('a body that is not UTF-8 is refused', async () => {
  const app = await testApp()
  const latin1 = Buffer.from('{"query":"{ __typename } # é"}', 'latin1')
  await expectRefused(await app.fetch(new Request(url, { method: 'POST', body: latin1, headers: json })), 400)
})

test('a body of up to 100,000 bytes is taken, one more is not', async () => {
  const app = await testApp()
  const padded = (bytes: number) => body + ' '.repeat(bytes - body.length)
  expect((await app.post(padded(100_000))).status).toBe(200)
  await expectRefused(await app.post(padded(100_001)), 413)
})

test('whoever could not read the answer is refused before anything happens', async () => {
  const app = await testApp()
  const { key } = await organization(app)
  const create = JSON.stringify({
    query: 'mutation { createIntegration(input: { name: "Annex" }) { __typename } }',
  })
  for (const accept of ['text/html', 'image/*', 'multipart/mixed']) {
    await expectRefused(await app.post(create, { accept, authorization: `Bearer ${key}` }), 406)
  }
  const { data } = await app.call('{ organization { integrations { totalCount } } }', {}, { key })
  expect(data.organization.integrations.totalCount).toBe(0)
  for (const accept of ['*/*', 'application/*', 'text/html, application/json;q=0.1']) {
    expect((await app.post(body, { accept })).headers.get('content-type')).toMatch(/^application\/.*json/)
  }
})

test('a subscription is refused where its events could not be read', async () => {
  const app = await testApp()
  const { key } = await organization(app)
  const query = 'subscription { invitationEvents { type } }'
  for (const accept of ['application/json', 'application/graphql-response+json']) {
    const response = await app.post(JSON.stringify({ query }), { accept, authorization: `Bearer ${key}` })
    expect(response.status).toBe(406)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
  }
})

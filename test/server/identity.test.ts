import { expect, test } from 'vitest'
import { insertApiKey } from '#domain/apiKey.ts'
import { endApiKey } from '#domain/apiKeyRevocation.ts'
import { newSecret } from '#domain/secrets.ts'
import { organization, testApp } from '../kit/app.ts'
import { DAY } from '../kit/time.ts'

const QUERY = JSON.stringify({ query: '{ organization { id } }' })

async function setUp() {
  const app = await testApp()
  const acme = await organization(app)
  const ask = async (headers: Record<string, string>) => {
    const response = await app.post(QUERY, headers)
    // biome-ignore lint/suspicious/noExplicitAny: tests look at what came, whatever it is
    return { response, answer: (await response.json()) as any }
  }
  const expectUnauthenticated = async (headers: Record<string, string>) => {
    const { response, answer } = await ask(headers)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(answer).toEqual({
      errors: [
        { message: expect.stringMatching(/API key|Bearer lk_key_/), extensions: { code: 'UNAUTHENTICATED' } },
      ],
    })
  }
  return { app, acme, ask, expectUnauthenticated }
}

test('without a key a caller is anonymous: told to sign in, where that is needed', async () => {
  const { ask } = await setUp()
  const { response, answer } = await ask({})
  expect(response.status).toBe(200)
  expect(answer).toMatchObject({
    data: { organization: null },
    errors: [{ path: ['organization'], extensions: { code: 'UNAUTHENTICATED' } }],
  })
  expect((await ask({ authorization: '' })).answer).toEqual(answer)
})

test('the scheme may be written in any case', async () => {
  const { ask, acme } = await setUp()
  for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR  ']) {
    const { answer } = await ask({ authorization: `${scheme} ${acme.key}` })
    expect(answer).toEqual({ data: { organization: { id: acme.id } } })
  }
})

test('bad credentials are refused, never taken for none', async () => {
  const { acme, expectUnauthenticated } = await setUp()
  const { key } = acme
  for (const authorization of [
    ...['garbage', 'Bearer', 'Bearer garbage', 'Bearer null', `Bearer ${newSecret('apiKey')}`, key],
    ...[`Bearer ${key.slice(0, -1)}`, `Bearer ${key}x`, `Bearer ${key} x`, `Bearer ${key}, Bearer ${key}`],
    ...[`Bearer "${key}"`, `Token ${key}`, `Bearer ${key.toLowerCase()}x`, `Bearer ${newSecret('invite')}`],
    `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
    `Bearer ${'x'.repeat(10_000)}`,
  ]) {
    await expectUnauthenticated({ authorization })
  }
})

test('a revoked key is refused from then on', async () => {
  const { app, ask, acme, expectUnauthenticated } = await setUp()
  const authorization = `Bearer ${acme.key}`
  expect((await ask({ authorization })).response.status).toBe(200)
  await endApiKey(app.store, acme.keyId)
  await expectUnauthenticated({ authorization })
})

test('a key with an end is refused from its end on', async () => {
  const { app, ask, acme, expectUnauthenticated } = await setUp()
  const { secret } = await app.store.write((tx) =>
    insertApiKey(tx, { organizationId: acme.id, role: 'ORG_VIEWER', expiresAt: app.time.now() + DAY }),
  )
  const authorization = `Bearer ${secret}`
  app.time.advance(DAY - 1)
  expect((await ask({ authorization })).response.status).toBe(200)
  app.time.advance(1)
  await expectUnauthenticated({ authorization })
})

test('bad credentials are refused for public operations too, and nothing is done', async () => {
  const { app } = await setUp()
  const { status, data, errors } = await app.call(
    'query ($token: String!) { invitationPreview(token: $token) { kind } }',
    { token: newSecret('invite') },
    { key: 'garbage' },
  )
  expect({ status, data }).toEqual({ status: 401, data: null })
  expect(errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
})

import { generateKeyPair } from 'jose'
import { expect, test } from 'vitest'
import { organization, testApp } from '../kit/app.ts'
import { HOUR } from '../kit/time.ts'
import { type IdentityApp, identityApp, viewerOf } from './people.ts'

const users = (app: IdentityApp) => app.store.db.selectFrom('users').selectAll().execute()
test('a token that is not good is refused, whatever is asked, and makes nobody', async () => {
  const app = await identityApp()
  const { privateKey } = await generateKeyPair('ES256')
  const good = await app.provider.sign()
  const [head, body, signature] = good.split('.')
  for (const token of [
    await app.provider.sign({ iss: 'https://other.example' }),
    await app.provider.sign({ aud: 'other' }),
    await app.provider.sign({}, { privateKey }),
    await app.provider.sign({ sub: '\ud800' }),
    `${head}.${body}.`,
    `${head}.${body}.${signature?.slice(0, -4)}AAAA`,
    ...['garbage', 'a.b.c', 'eyJ', 'null', `${good}x`, 'x'.repeat(5000)],
  ]) {
    const { status, data, errors } = await app.call('{ __typename }', {}, { key: token })
    expect({ status, data, code: errors[0]?.extensions.code }).toEqual({
      status: 401,
      data: null,
      code: 'UNAUTHENTICATED',
    })
    expect(JSON.stringify(errors)).not.toContain(token)
  }
  app.time.advance(HOUR)
  expect(await app.call('{ __typename }', {}, { key: good })).toMatchObject({ status: 401 })
  expect(await users(app)).toEqual([])
})

test('a provider that cannot be asked is our failure, not the caller’s', async () => {
  const app = await identityApp()
  const token = await app.provider.sign()
  app.provider.answerWith(503)
  const { status, data, errors } = await app.call('{ __typename }', {}, { key: token })
  expect({ status, data }).toEqual({ status: 500, data: null })
  expect(errors).toEqual([
    {
      message: expect.stringContaining('our side'),
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) },
    },
  ])
  expect(app.logged.join()).toContain('identity provider')
  expect(app.logged.join()).not.toContain(token.split('.')[2])
  // Keys do not depend on it.
  const acme = await organization(app)
  expect(await viewerOf(app, { key: acme.key })).toMatchObject({ role: 'ORG_ADMIN' })
})

test('without a provider no token is taken', async () => {
  const { provider } = await identityApp()
  const app = await testApp()
  expect((await app.call('{ __typename }', {}, { key: await provider.sign() })).status).toBe(401)
})

import { expect, test } from 'vitest'
import { insertApiKey } from '#domain/apiKey.ts'
import { revokeDemoKeys } from '#domain/apiKeyRevocation.ts'
import { type TestApp, testApp } from '../kit/app.ts'
import { house } from '../kit/story.ts'
import { HOUR } from '../kit/time.ts'

const CREATE = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
  ... on CreateApiKeyPayload { secret apiKey { id expiresAt } } ... on InvalidInputError { issues { path } } } }`
const ROTATE = `mutation ($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { __typename
  ... on RotateApiKeyPayload { secret apiKey { id expiresAt } } } }`
const REVOKE = `mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { __typename } }`

const admin = { name: 'Admin', role: 'ORG_ADMIN' }

async function setUp() {
  const app = await testApp()
  const acme = await house(app)
  const create = async (key: string, input: object = {}) =>
    (await app.call(CREATE, { input: { ...admin, ...input } }, { key })).data.createApiKey
  const rotate = async (key: string, input: object) =>
    (await app.call(ROTATE, { input }, { key })).data?.rotateApiKey
  return { app, acme, create, rotate }
}

const works = async (app: TestApp, key: string) =>
  (await app.call('{ viewer { role } }', {}, { key })).errors.length === 0

test('a revoked key takes those with it that were made with it', async () => {
  const { app, acme, create } = await setUp()
  const parent = await create(acme.key)
  const child = await create(parent.secret)
  const grandchild = await create(child.secret)
  await app.call(REVOKE, { id: parent.apiKey.id }, { key: acme.key })
  for (const { secret } of [parent, child, grandchild]) expect(await works(app, secret)).toBe(false)
  expect(await works(app, acme.key)).toBe(true)
})

test('a rotated key hands what was made with it to the new one', async () => {
  const { app, acme, create, rotate } = await setUp()
  const parent = await create(acme.key)
  const child = await create(parent.secret)
  const renewed = await rotate(parent.secret, { id: parent.apiKey.id })
  await app.call(REVOKE, { id: parent.apiKey.id }, { key: acme.key })
  expect(await works(app, parent.secret)).toBe(false)
  for (const { secret } of [renewed, child]) expect(await works(app, secret)).toBe(true)
})

test('a key makes none that outlives it, nor itself by rotation', async () => {
  const { app, acme, create, rotate } = await setUp()
  const expiresAt = new Date(app.time.now() + HOUR).toISOString()
  const brief = await create(acme.key, { expiresAt })
  expect((await create(brief.secret)).apiKey.expiresAt).toBe(expiresAt)
  const later = new Date(app.time.now() + 2 * HOUR).toISOString()
  expect((await create(brief.secret, { expiresAt: later })).issues).toEqual([{ path: ['expiresAt'] }])
  app.time.advance(HOUR / 2)
  expect((await rotate(brief.secret, { id: brief.apiKey.id })).apiKey.expiresAt).toBe(expiresAt)
})

test('who may not revoke a key may not end it by rotating it', async () => {
  const { app, acme, create, rotate } = await setUp()
  const victim = await create(acme.key, { role: 'ORG_VIEWER', scopes: ['API_KEY_CREATE'] })
  const maker = await create(acme.key, { scopes: ['API_KEY_CREATE'] })
  expect(await rotate(maker.secret, { id: victim.apiKey.id, overlapHours: 0 })).toBeUndefined()
  expect(await works(app, victim.secret)).toBe(true)
})

test('a key that was revoked does no more, within the operation even', async () => {
  const { app, acme, create } = await setUp()
  const own = await create(acme.key)
  const { errors } = await app.call(
    `mutation ($id: ID!, $input: CreateApiKeyInput!) {
      revokeApiKey(input: { id: $id }) { __typename } createApiKey(input: $input) { __typename } }`,
    { id: own.apiKey.id, input: { ...admin, name: 'After' } },
    { key: own.secret },
  )
  expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED'])
  const keys = await app.store.db.selectFrom('api_keys').select('name').execute()
  expect(keys.map(({ name }) => name)).not.toContain('After')
})

test('what was made with a demo key ends with it, other organizations’ keys too', async () => {
  const { app, acme, create } = await setUp()
  const { secret } = await app.store.write((tx) =>
    insertApiKey(tx, { organizationId: acme.id, role: 'ORG_ADMIN', demo: true }),
  )
  const made = await create(secret)
  const { data } = await app.call(
    'mutation { createOrganization(input: { name: "Annex" }) { ... on CreateOrganizationPayload { apiKey } } }',
    {},
    { key: secret },
  )
  await revokeDemoKeys(app.store)
  for (const key of [secret, made.secret, data.createOrganization.apiKey])
    expect(await works(app, key)).toBe(false)
  expect(await works(app, acme.key)).toBe(true)
})

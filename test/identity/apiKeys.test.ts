import { expect, test } from 'vitest'
import { mayGrant, type Role, roles } from '#domain/access.ts'
import { newId } from '#domain/ids.ts'
import { keyOf, organization } from '../kit/app.ts'
import { createStamper } from '../kit/stamper.ts'
import { DAY, SECOND } from '../kit/time.ts'
import { keyring } from './keyring.ts'
import { KEYS, viewerOf } from './people.ts'

test('a key is shown once, works, and is recognized by its ends', async () => {
  const { app, acme, create, list } = await keyring()
  const expiresAt = new Date(app.time.now() + DAY).toISOString()
  const { secret, apiKey, replayed } = await create({ expiresAt, scopes: ['INVITE_CREATE'] })
  expect(secret).toMatch(/^lk_key_[\w-]{43}$/)
  expect(replayed).toBe(false)
  expect(apiKey).toEqual({
    ...{
      id: expect.stringMatching(/^key_/),
      name: 'Front desk',
      role: 'ORG_MEMBER',
      scopes: ['INVITE_CREATE'],
    },
    ...{ prefix: secret.slice(0, 13), lastFour: secret.slice(-4), publicKey: null, expiresAt },
    ...{ revokedAt: null, lastUsedAt: null, createdBy: { id: acme.keyId } },
    viewerCanRevoke: { allowed: true, code: null },
  })
  expect(await viewerOf(app, { key: secret })).toMatchObject({ role: 'ORG_MEMBER', actor: { id: apiKey.id } })
  const first = new Date(app.time.now()).toISOString()
  const lastUsed = async () => ((await list())[0] as { lastUsedAt: string }).lastUsedAt
  await expect.poll(lastUsed).toBe(first)
  app.time.advance(59 * SECOND)
  await viewerOf(app, { key: secret })
  expect(await lastUsed()).toBe(first)
  app.time.advance(2 * SECOND)
  await viewerOf(app, { key: secret })
  await expect.poll(lastUsed).toBe(new Date(app.time.now()).toISOString())
  const rows = await app.store.db.selectFrom('api_keys').selectAll().execute()
  const told = JSON.stringify((await app.call(KEYS, {}, { key: acme.key })).data)
  for (const text of [secret, ...rows.map((row) => row.hash)]) expect(told).not.toContain(text)
})

test('nobody but an ORG_ADMIN makes keys, and none for an OPERATOR', async () => {
  const { app, acme, create } = await keyring()
  for (const maker of roles) {
    const { key } = await keyOf(app, acme.id, maker)
    for (const role of roles) {
      const made = await create({ role }, key)
      if (maker !== 'ORG_ADMIN') expect(made).toMatchObject({ code: 'FORBIDDEN' })
      else if (role === 'OPERATOR') expect(made.issues).toMatchObject([{ path: ['role'] }])
      else expect(await viewerOf(app, { key: made.secret })).toMatchObject({ role })
    }
  }
})

test('no role gives what is wider than itself', () => {
  const ladder: Role[] = ['GUEST', 'ORG_VIEWER', 'ORG_MEMBER', 'PORTAL_ADMIN', 'ORG_ADMIN']
  for (const [height, granter] of ladder.entries()) {
    expect(ladder.filter((role) => mayGrant(granter, role))).toEqual(ladder.slice(0, height + 1))
    expect(mayGrant(granter, 'OPERATOR')).toBe(false)
    expect(mayGrant('OPERATOR', granter)).toBe(granter === 'GUEST')
  }
})

test('a confined key makes none that is less confined, also not by rotating', async () => {
  const { app, acme, create, rotate } = await keyring()
  const { secret } = await create({
    role: 'ORG_ADMIN',
    scopes: ['API_KEY_CREATE', 'API_KEY_REVOKE', 'INVITE_READ'],
  })
  for (const scopes of [undefined, null, ['INVITE_READ', 'INVITE_CREATE']]) {
    expect((await create({ scopes }, secret)).issues).toMatchObject([{ path: ['scopes'] }])
  }
  expect((await rotate({ id: acme.keyId }, secret)).issues).toMatchObject([{ path: ['id'] }])
  const none = await create({ role: 'ORG_ADMIN', scopes: [] }, secret)
  expect(none.apiKey.scopes).toEqual([])
  const { data } = await app.call('{ organization { id } }', {}, { key: none.secret })
  expect(data).toEqual({ organization: null })
  expect(await create({}, none.secret)).toMatchObject({
    code: 'FORBIDDEN',
    message: expect.stringContaining('scopes'),
  })
  expect(await create({ scopes: ['INVITE_READ'] }, secret)).toMatchObject({
    __typename: 'CreateApiKeyPayload',
  })
})

test('a key of another organization is not there', async () => {
  const { app, rotate, revoke, works } = await keyring()
  const other = await organization(app, 'Other')
  for (const id of [other.keyId, newId('ApiKey')]) {
    expect(await rotate({ id })).toMatchObject({ __typename: 'NotFoundError' })
    expect(await revoke(id)).toMatchObject({ __typename: 'NotFoundError' })
  }
  expect((await rotate({ id: other.id })).issues).toMatchObject([{ path: ['id'] }])
  expect(await works(other.key)).toBe(true)
})

test('a public key is registered once, whatever its case, and only if it is on the curve', async () => {
  const { app, acme, create, rotate } = await keyring()
  const { publicKey, stamp } = createStamper()
  const publicKeyStamp = await stamp(acme.id)
  const { secret, apiKey } = await create({ publicKey: publicKey.toUpperCase(), publicKeyStamp })
  expect({ secret, ...apiKey }).toMatchObject({ secret: null, publicKey, lastFour: null })
  expect(await create({ publicKey, publicKeyStamp })).toMatchObject({ __typename: 'ConflictError' })
  const other = await organization(app, 'Other')
  const stolen = { publicKey: createStamper().publicKey, publicKeyStamp }
  for (const proof of [{ publicKey }, { publicKey, publicKeyStamp }, stolen]) {
    expect((await create(proof, other.key)).issues).toMatchObject([{ path: ['publicKeyStamp'] }])
  }
  for (const bad of [
    `02${'0'.repeat(63)}1`,
    `03${'ff'.repeat(32)}`,
    `04${publicKey.slice(2)}`,
    '',
    'x'.repeat(66),
  ]) {
    expect((await create({ publicKey: bad })).issues, bad).toMatchObject([{ path: ['publicKey'] }])
  }
  expect((await rotate({ id: apiKey.id })).issues).toMatchObject([{ path: ['id'] }])
  expect(await viewerOf(app, { key: publicKey })).toBeUndefined()
})

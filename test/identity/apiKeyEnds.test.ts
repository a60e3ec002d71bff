import { expect, test } from 'vitest'
import { keyOf } from '../kit/app.ts'
import { dump } from '../kit/dump.ts'
import { DAY, HOUR } from '../kit/time.ts'
import { keyring } from './keyring.ts'

test('a key works until it expires, and may not have done so when it is made', async () => {
  const { app, create, works } = await keyring()
  const past = new Date(app.time.now()).toISOString()
  expect((await create({ expiresAt: past })).issues).toMatchObject([{ path: ['expiresAt'] }])
  const { secret } = await create({ expiresAt: new Date(app.time.now() + HOUR).toISOString() })
  app.time.advance(HOUR - 1)
  expect(await works(secret)).toBe(true)
  app.time.advance(1)
  expect(await works(secret)).toBe(false)
})

test('a rotated key works on for the overlap, its successor like it', async () => {
  const { app, create, rotate, works } = await keyring()
  const old = await create({
    scopes: ['INVITE_READ'],
    expiresAt: new Date(app.time.now() + 9 * DAY).toISOString(),
  })
  app.time.advance(DAY)
  const { secret, apiKey } = await rotate({ id: old.apiKey.id })
  expect(apiKey).toMatchObject({ name: 'Front desk', role: 'ORG_MEMBER', scopes: ['INVITE_READ'] })
  expect(apiKey.expiresAt).toBe(new Date(app.time.now() + 9 * DAY).toISOString())
  expect([await works(old.secret), await works(secret)]).toEqual([true, true])
  app.time.advance(DAY)
  expect([await works(old.secret), await works(secret)]).toEqual([false, true])
  const again = await rotate({ id: apiKey.id, overlapHours: 0 })
  expect([await works(secret), await works(again.secret)]).toEqual([false, true])
  // What has ended is not brought back.
  expect(await rotate({ id: apiKey.id })).toMatchObject({ code: 'CONFLICT' })
  for (const overlapHours of [-1, 721]) {
    expect((await rotate({ id: again.apiKey.id, overlapHours })).issues).toMatchObject([
      { path: ['overlapHours'] },
    ])
  }
})

test('a rotation never makes a key last longer than it was to', async () => {
  const { app, create, rotate, works } = await keyring()
  const old = await create({ expiresAt: new Date(app.time.now() + HOUR).toISOString() })
  await rotate({ id: old.apiKey.id, overlapHours: 720 })
  app.time.advance(HOUR)
  expect(await works(old.secret)).toBe(false)
})

test('a revoked key works no more, and is neither rotated nor revived; twice is as once', async () => {
  const { create, rotate, revoke, works, app } = await keyring()
  const { secret, apiKey } = await create({})
  const first = await revoke(apiKey.id)
  expect(first.apiKey).toMatchObject({ viewerCanRevoke: { allowed: false, code: 'REVOKED' } })
  expect(await works(secret)).toBe(false)
  app.time.advance(HOUR)
  expect((await revoke(apiKey.id)).apiKey.revokedAt).toBe(first.apiKey.revokedAt)
  expect(await rotate({ id: apiKey.id })).toMatchObject({ code: 'CONFLICT' })
})

test('the same call again answers with the first key and no secret', async () => {
  const { app, create, rotate } = await keyring()
  const { secret, apiKey } = await create({ idempotencyKey: 'once' })
  expect(secret).not.toBeNull()
  const before = await dump(app)
  expect(await create({ idempotencyKey: 'once' })).toMatchObject({
    secret: null,
    replayed: true,
    apiKey: { id: apiKey.id },
  })
  expect(await create({ idempotencyKey: 'once', role: 'GUEST' })).toMatchObject({ code: 'CONFLICT' })
  const { activities, api_keys } = await dump(app)
  expect(api_keys).toHaveLength(before.api_keys?.length ?? 0)
  expect(activities).toHaveLength((before.activities?.length ?? 0) + 1)
  const rotated = await rotate({ id: apiKey.id, idempotencyKey: 'turn' })
  expect(await rotate({ id: apiKey.id, idempotencyKey: 'turn' })).toMatchObject({
    ...{ secret: null, replayed: true, apiKey: { id: rotated.apiKey.id } },
  })
})

test('an earlier result is only for those who may do the same', async () => {
  const { app, acme, create } = await keyring()
  await create({ idempotencyKey: 'once' })
  const { key } = await keyOf(app, acme.id, 'ORG_VIEWER')
  expect(await create({ idempotencyKey: 'once' }, key)).toMatchObject({
    __typename: 'Refusal',
    code: 'FORBIDDEN',
  })
})

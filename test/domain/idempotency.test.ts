import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { ACCEPT_INVITE, asker, CREATE_GUEST_INVITATION, CREATE_INVITE, house, invite } from '../kit/story.ts'
import { DAY } from '../kit/time.ts'

async function callers() {
  const app = await testApp()
  const acme = await house(app)
  const create = async (input: object, of = acme) =>
    (
      await of.ask(CREATE_INVITE, {
        input: { integrationId: of.integrationId, portalIds: of.portalIds, ...input },
      })
    ).createInvite
  const expiresAt = new Date(app.time.now() + 30 * DAY).toISOString()
  const createGuest = async (input: object, of = acme) =>
    (await of.ask(CREATE_GUEST_INVITATION, { input: { email: 'ada@guest.example', expiresAt, ...input } }))
      .createGuestInvitation
  const accept = async (token: string, input: object) =>
    (await asker(app)(ACCEPT_INVITE, { input: { token, ...input } })).acceptInvite
  const count = async (table: 'invites' | 'guest_invitations' | 'access_grants' | 'invitation_events') =>
    (await app.store.db.selectFrom(table).selectAll().execute()).length
  return { app, acme, create, createGuest, accept, count }
}

const idempotencyKey = 'once'

test('createInvite: the same key and input answer with the first invite, without its secrets', async () => {
  const { create, count } = await callers()
  const first = await create({ idempotencyKey, name: 'Party' })
  expect(first).toMatchObject({ replayed: false, token: expect.any(String) })
  const again = await create({ idempotencyKey, name: 'Party' })
  expect(again).toEqual({ ...first, replayed: true, token: null, inviteUrl: null })
  expect(await create({ idempotencyKey, name: 'Wedding' })).toMatchObject({ code: 'CONFLICT' })
  expect(await count('invites')).toBe(1)
  expect(await count('invitation_events')).toBe(1)
})

test('createGuestInvitation likewise, whatever the case of its domain', async () => {
  const { acme, createGuest, create, count } = await callers()
  const first = await createGuest({ idempotencyKey })
  const again = await createGuest({ idempotencyKey, email: ' ada@GUEST.example', organizationId: acme.id })
  expect(again).toEqual({ ...first, replayed: true, token: null, inviteUrl: null })
  expect(await createGuest({ idempotencyKey, email: 'eve@guest.example' })).toMatchObject({
    code: 'CONFLICT',
  })
  expect(await create({ idempotencyKey }), 'one key is one call, of any mutation').toMatchObject({
    code: 'CONFLICT',
  })
  expect(await count('guest_invitations')).toBe(1)
})

test('acceptInvite: accepting twice is one use, each invite by itself', async () => {
  const { acme, accept, count } = await callers()
  const { token } = await invite(acme, { maxUses: 1 })
  const first = await accept(token, { idempotencyKey, guestName: 'Ada' })
  expect(await accept(token, { idempotencyKey, guestName: 'Ada' })).toEqual({
    ...first,
    grantToken: null,
    replayed: true,
  })
  expect(await accept(token, { idempotencyKey, guestName: 'Eve' })).toMatchObject({ code: 'CONFLICT' })
  expect(await accept(token, { idempotencyKey: 'another' })).toMatchObject({ reason: 'EXHAUSTED' })
  const other = await invite(acme)
  expect(await accept(other.token, { idempotencyKey, guestName: 'Ada' })).toMatchObject({ replayed: false })
  expect(await count('access_grants')).toBe(2)
})

test('inputs are compared by what they say: the order of fields and null or nothing make no difference', async () => {
  const { acme, create } = await callers()
  const inviteeMessage = [{ locale: 'de', text: 'Hallo' }]
  await create({ name: 'Party', maxUses: 2, inviteeMessage, expiresIn: '1h', idempotencyKey })
  const reversed = {
    idempotencyKey,
    expiresIn: '1h',
    inviteeMessage: [{ text: 'Hallo', locale: 'de' }],
    maxUses: 2,
    name: ' Party ',
    validTo: null,
    startsIn: null,
  }
  expect(await create(reversed)).toMatchObject({ replayed: true })
  expect(await create({ ...reversed, maxUses: null })).toMatchObject({ code: 'CONFLICT' })
  expect(await create({ ...reversed, portalIds: acme.portalIds.toReversed() })).toMatchObject({
    code: 'CONFLICT',
  })
})

test('a key is kept for 24 hours', async () => {
  const { app, create } = await callers()
  const first = await create({ idempotencyKey })
  app.time.advance(DAY - 1)
  expect(await create({ idempotencyKey })).toMatchObject({ replayed: true, invite: { id: first.invite.id } })
  app.time.advance(1)
  const later = await create({ idempotencyKey, name: 'Another input' })
  expect(later).toMatchObject({ replayed: false })
  expect(later.invite.id).not.toBe(first.invite.id)
  expect(await create({ idempotencyKey, name: 'Another input' })).toMatchObject({ replayed: true })
})

test('a key belongs to its organization', async () => {
  const { app, create } = await callers()
  const other = await house(app, 'Other')
  const first = await create({ idempotencyKey })
  const others = await create({ idempotencyKey }, other)
  expect(others).toMatchObject({ replayed: false })
  expect(others.invite.id).not.toBe(first.invite.id)
})

test('twenty at once with one key make one', async () => {
  const { acme, create, createGuest, accept, count } = await callers()
  const twenty = <Result>(call: () => Promise<Result>) => Promise.all(Array.from({ length: 20 }, call))
  const { token } = await invite(acme)
  const results = [
    ...(await twenty(() => create({ idempotencyKey: 'a' }))),
    ...(await twenty(() => createGuest({ idempotencyKey: 'b' }))),
    ...(await twenty(() => accept(token, { idempotencyKey: 'c' }))),
  ]
  expect(results.filter((result) => result.replayed === false)).toHaveLength(3)
  expect(results.filter((result) => result.replayed === true)).toHaveLength(57)
  expect([await count('invites'), await count('guest_invitations'), await count('access_grants')]).toEqual([
    2, 1, 1,
  ])
})

test('what failed is not remembered', async () => {
  const { acme, create, createGuest, accept } = await callers()
  expect(await create({ idempotencyKey: 'a', validTo: '2000-01-01T00:00:00Z' })).toHaveProperty('issues')
  expect(await create({ idempotencyKey: 'a' })).toMatchObject({ replayed: false })
  await createGuest({})
  expect(await createGuest({ idempotencyKey: 'b' })).toMatchObject({ code: 'CONFLICT' })
  expect(await createGuest({ idempotencyKey: 'b', email: 'eve@guest.example' })).toMatchObject({
    replayed: false,
  })
  const spent = await invite(acme, { maxUses: 1 })
  await accept(spent.token, {})
  expect(await accept(spent.token, { idempotencyKey: 'c' })).toMatchObject({ reason: 'EXHAUSTED' })
  const fresh = await invite(acme)
  expect(await accept(fresh.token, { idempotencyKey: 'c' })).toMatchObject({ replayed: false })
})

test('a key has 1 to 128 characters; null is none', async () => {
  const { create } = await callers()
  expect(await create({ idempotencyKey: '' })).toMatchObject({ issues: [{ path: ['idempotencyKey'] }] })
  expect(await create({ idempotencyKey: 'x'.repeat(129) })).toMatchObject({
    issues: [{ path: ['idempotencyKey'] }],
  })
  expect(await create({ idempotencyKey: 'x'.repeat(128) })).toMatchObject({ replayed: false })
  expect(await create({ idempotencyKey: null })).toMatchObject({ replayed: false })
  expect(await create({ idempotencyKey: null })).toMatchObject({ replayed: false })
})

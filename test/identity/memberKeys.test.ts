import { expect, test } from 'vitest'
import { KEYS, member, nodesOf, viewerOf } from './people.ts'
import { team } from './team.ts'

test('who is removed stops at once, with all the keys they made, and those made with them', async () => {
  const { app, acme, remove, create, status } = await team()
  await member(app, acme.id)
  const bob = await member(app, acme.id, { name: 'bob' })
  const own = await create({}, bob.token)
  const hidden = await create({}, own.secret)
  const deeper = await create({}, hidden.secret)
  const keys = [own.secret, hidden.secret, deeper.secret]
  expect(await Promise.all(keys.map(status))).toEqual([200, 200, 200])
  await remove(bob.membershipId)
  expect(await Promise.all(keys.map(status))).toEqual([401, 401, 401])
  expect(await viewerOf(app, { key: bob.token })).toMatchObject({ role: null, actor: { id: bob.userId } })
  expect(await status(acme.key)).toBe(200)
  // Who is let in again does not find the old keys working.
  await member(app, acme.id, { name: 'bob' })
  expect(await Promise.all(keys.map(status))).toEqual([401, 401, 401])
  const revoked = nodesOf((await app.call(KEYS, {}, { key: acme.key })).data.organization.apiKeys)
  expect(revoked.filter((key) => (key as { revokedAt: string | null }).revokedAt)).toHaveLength(3)
})

test('a key does no more than its maker still could, nor where they may use none', async () => {
  const { app, acme, update, create, status } = await team()
  await member(app, acme.id)
  const bob = await member(app, acme.id, { name: 'bob' })
  const wide = await create({}, bob.token)
  const narrow = await create({ role: 'ORG_VIEWER' }, bob.token)
  const made = await create({}, wide.secret)
  const all = () => Promise.all([wide, narrow, made].map(({ secret }) => status(secret)))
  await update({ id: bob.membershipId, role: 'ORG_VIEWER' })
  expect(await all()).toEqual([401, 200, 401])
  await update({ id: bob.membershipId, role: 'ORG_ADMIN', accessType: 'WEB' })
  expect(await all()).toEqual([401, 401, 401])
  await update({ id: bob.membershipId, accessType: 'API' })
  expect(await all()).toEqual([200, 200, 200])
  expect(await viewerOf(app, { key: bob.token })).toMatchObject({ role: null })
})

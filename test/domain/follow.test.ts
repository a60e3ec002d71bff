import { expect, test, vi } from 'vitest'
import { viewerOfKey } from '#domain/credentials.ts'
import { type FollowOptions, followLog } from '#domain/follow.ts'
import { followInviteStatus } from '#domain/followStatus.ts'
import { testApp } from '../kit/app.ts'
import { countFollowers, cursorAt, fillLog } from '../kit/events.ts'
import { house, invite, REVOKE_INVITE } from '../kit/story.ts'

async function start() {
  const app = await testApp()
  const acme = await house(app)
  const viewer = await viewerOfKey(app.store, acme.key)
  if (!viewer) throw new Error('The key is not good')
  const follow = (options: FollowOptions = {}) => followLog(app.store, viewer, options)
  return { app, store: app.store, acme, viewer, follow, followers: countFollowers(app.store) }
}

const prune = ({ store }: Awaited<ReturnType<typeof start>>, upTo: number) =>
  store.write((tx) => tx.db.deleteFrom('invitation_events').where('sequence', '<=', upTo).execute())

test('one that waits can be ended', async () => {
  const { follow, followers } = await start()
  const follower = await follow()
  const waiting = follower.next()
  await vi.waitFor(() => expect(followers()).toBe(1))
  await follower.return()
  expect(await waiting).toEqual({ done: true, value: undefined })
  expect(await follower.next()).toEqual({ done: true, value: undefined })
  expect(followers()).toBe(0)
})

test('one that nobody reads holds nothing', async () => {
  const { follow, followers } = await start()
  await follow()
  expect(followers()).toBe(0)
})

test('what is pruned before a follower has read it is told, not passed over', async () => {
  const started = await start()
  const { store, acme, follow, followers } = started
  const follower = await follow({ after: cursorAt(acme.id, 0) })
  await fillLog(store, acme, 9)
  await prune(started, 5)
  await expect(follower.next()).rejects.toMatchObject({
    code: 'CURSOR_OUT_OF_RANGE',
    details: { head: cursorAt(acme.id, 10) },
  })
  expect(followers()).toBe(0)
})

test('a log of which all is pruned goes on at its head', async () => {
  const started = await start()
  const { store, acme, follow } = started
  await fillLog(store, acme, 9)
  await prune(started, 10)
  await expect(follow({ after: cursorAt(acme.id, 9) })).rejects.toMatchObject({ code: 'CURSOR_OUT_OF_RANGE' })
  const follower = await follow({ after: cursorAt(acme.id, 10) })
  await invite(acme)
  expect((await follower.next()).value?.sequence).toBe(11)
  await follower.return()
})

test('a key revoked while read events wait to be taken is not given them', async () => {
  const { store, acme, follow, followers } = await start()
  await fillLog(store, acme, 9)
  const follower = await follow({ after: cursorAt(acme.id, 0) })
  await follower.next()
  await store.write((tx) =>
    tx.db.updateTable('api_keys').set({ revoked_at: 1 }).where('id', '=', acme.keyId).execute(),
  )
  const revoked = Math.trunc(performance.now())
  await vi.waitFor(() => expect(Math.trunc(performance.now())).toBeGreaterThan(revoked), { interval: 1 })
  await expect(follower.next()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  expect(followers()).toBe(0)
})

test('one that has far to go leaves others their turn', async () => {
  const { store, acme, follow } = await start()
  await fillLog(store, acme, 1999)
  const follower = await follow({ after: cursorAt(acme.id, 0), types: ['REVOKED'] })
  const waiting = follower.next()
  await new Promise((resolve) => setImmediate(resolve))
  expect(follower.cursor).not.toBe(cursorAt(acme.id, 2000))
  await vi.waitFor(() => expect(follower.cursor).toBe(cursorAt(acme.id, 2000)))
  await follower.return()
  await waiting
})

test('followers that are woken together read the log once', async () => {
  const { app, acme, follow } = await start()
  const followers = await Promise.all(Array.from({ length: 20 }, () => follow()))
  const waiting = followers.map((follower) => follower.next())
  await new Promise((resolve) => setImmediate(resolve))
  const reads = () => app.statements.filter((sql) => /select.*from "invitation_events"/.test(sql)).length
  const before = reads()
  await invite(acme)
  const told = await Promise.all(waiting)
  expect(told.map(({ value }) => value?.sequence)).toEqual(Array(20).fill(1))
  expect(reads() - before).toBe(1)
  for (const follower of followers) await follower.return()
})

test('a status that came and went before it could be told is passed over', async () => {
  const { store, acme, viewer, followers } = await start()
  const { id } = await invite(acme)
  const changes = await followInviteStatus(store, viewer, id)
  await changes.next()
  await fillLog(store, acme, 9)
  await acme.ask(REVOKE_INVITE, { id })
  expect((await changes.next()).value?.cursor).toBe(cursorAt(acme.id, 12))
  const waiting = changes.next()
  await invite(acme)
  await changes.return()
  expect((await waiting).done).toBe(true)
  expect(followers()).toBe(0)
})

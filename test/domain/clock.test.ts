import { expect, test, vi } from 'vitest'
import { anonymous } from '#domain/access.ts'
import { acceptInvite } from '#domain/grant.ts'
import { type TestApp, testApp, testDatabase } from '../kit/app.ts'
import { CREATE_GUEST_INVITATION, house, invite, REVOKE_INVITE } from '../kit/story.ts'
import { DAY, HOUR, ManualTime } from '../kit/time.ts'

const START = Date.UTC(2030, 0, 1)
const at = (instant: number) => new Date(START + instant).toISOString()
/** Open from the first hour to the second. */
const window = { validFrom: at(HOUR), validTo: at(2 * HOUR) }
const opensAndExpires = [
  'CREATED at 0: SCHEDULED',
  `OPENED at ${HOUR}: PENDING`,
  `EXPIRED at ${2 * HOUR}: EXPIRED`,
]

/** All that the log holds of an invitation: each event goes on from the status of the one before. */
async function storyOf({ store }: Pick<TestApp, 'store'>, invitationId: string) {
  const events = await store.db
    .selectFrom('invitation_events')
    .selectAll()
    .where('invitation_id', '=', invitationId)
    .orderBy('sequence')
    .execute()
  expect(events.map((event) => event.previous_status)).toEqual([
    null,
    ...events.slice(0, -1).map((event) => event.status),
  ])
  return events.map((event) => `${event.type} at ${event.occurred_at - START}: ${event.status}`)
}

test('an invite opens and expires at the due instants, once each', async () => {
  const app = await testApp()
  const { id } = await invite(await house(app), window)
  app.time.advance(HOUR - 1)
  await app.clock.start()
  expect(await storyOf(app, id)).toEqual(opensAndExpires.slice(0, 1))
  app.time.advance(1)
  await vi.waitFor(async () => expect(await storyOf(app, id)).toEqual(opensAndExpires.slice(0, 2)))
  app.time.advance(HOUR)
  await vi.waitFor(async () => expect(await storyOf(app, id)).toEqual(opensAndExpires))
  app.time.advance(DAY)
  await app.clock.start()
  expect(await storyOf(app, id)).toEqual(opensAndExpires)
})

test('a guest invitation expires at the due instant, once', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { createGuestInvitation } = await acme.ask(CREATE_GUEST_INVITATION, {
    input: { email: 'ada@example.com', expiresAt: at(HOUR) },
  })
  const { id } = createGuestInvitation.guestInvitation
  const story = ['CREATED at 0: PENDING', `EXPIRED at ${HOUR}: EXPIRED`]
  app.time.advance(HOUR - 1)
  await app.clock.start()
  expect(await storyOf(app, id)).toEqual(story.slice(0, 1))
  app.time.advance(1)
  await vi.waitFor(async () => expect(await storyOf(app, id)).toEqual(story))
  await app.clock.start()
  expect(await storyOf(app, id)).toEqual(story)
})

test('after a downtime it catches up with all that it missed, as of when it was due', async () => {
  const database = await testDatabase()
  const app = await testApp({ database })
  const acme = await house(app)
  const both = await invite(acme, window)
  const opened = await invite(acme, { ...window, validTo: at(DAY) })
  await app.clock.stop()
  app.time.advance(3 * HOUR)
  expect(await storyOf(app, both.id)).toEqual(opensAndExpires.slice(0, 1))
  const restarted = await testApp({ database, time: new ManualTime(START + 3 * HOUR) })
  expect(await storyOf(restarted, both.id)).toEqual(opensAndExpires)
  expect(await storyOf(restarted, opened.id)).toEqual(opensAndExpires.slice(0, 2))
})

test('more than one batch is due at once', async () => {
  const database = await testDatabase()
  const app = await testApp({ database })
  const acme = await house(app)
  const { id } = await invite(acme, window)
  await app.clock.stop()
  await app.store.write(async (tx) => {
    const row = await tx.db.selectFrom('invites').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    for (let copy = 0; copy < 1200; copy++) {
      await tx.db
        .insertInto('invites')
        .values({ ...row, id: `${id}${copy}`, token_hash: `${copy}` })
        .execute()
    }
  })
  const later = await testApp({ database, time: new ManualTime(START + DAY) })
  const { count } = await later.store.db
    .selectFrom('invitation_events')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('organization_id', '=', acme.id)
    .where('type', '=', 'EXPIRED')
    .executeTakeFirstOrThrow()
  expect(count).toBe(1201)
})

test('two servers on one database write each once', async () => {
  const database = await testDatabase()
  const time = new ManualTime(START)
  const apps = [await testApp({ database, time }), await testApp({ database, time })] as const
  const { id } = await invite(await house(apps[0]), window)
  for (let step = 0; step < 5; step++) {
    time.advance(HOUR / 2)
    await Promise.all(apps.map((app) => app.clock.start()))
  }
  expect(await storyOf(apps[1], id)).toEqual(opensAndExpires)
})

test('a change at the very instant comes after what time has done', async () => {
  const app = await testApp()
  const { id, token } = await invite(await house(app), { ...window, maxUses: 2 })
  app.time.advance(HOUR)
  await Promise.all([
    acceptInvite(app.store, anonymous, { token }),
    app.clock.start(),
    acceptInvite(app.store, anonymous, { token }),
  ])
  expect(await storyOf(app, id)).toEqual([
    ...opensAndExpires.slice(0, 2),
    `USED at ${HOUR}: PENDING`,
    `USED at ${HOUR}: PENDING`,
    `EXHAUSTED at ${HOUR}: EXHAUSTED`,
  ])
  app.time.advance(HOUR)
  await app.clock.start()
  expect((await storyOf(app, id)).at(-1)).toBe(`EXPIRED at ${2 * HOUR}: EXPIRED`)
})

test('what is revoked neither opens nor expires', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { id } = await invite(acme, window)
  await acme.ask(REVOKE_INVITE, { id })
  app.time.advance(DAY)
  await app.clock.start()
  expect(await storyOf(app, id)).toEqual(['CREATED at 0: SCHEDULED', 'REVOKED at 0: REVOKED'])
})

test('a failure is told, and tried again', async () => {
  const app = await testApp()
  const { id } = await invite(await house(app), window)
  vi.spyOn(app.store, 'write').mockRejectedValueOnce(new Error('The disk is full'))
  app.time.advance(HOUR)
  await vi.waitFor(() => expect(app.logged.join()).toContain('The disk is full'))
  expect(await storyOf(app, id)).toEqual(opensAndExpires.slice(0, 1))
  app.time.advance(1000)
  await vi.waitFor(async () => expect(await storyOf(app, id)).toEqual(opensAndExpires.slice(0, 2)))
})

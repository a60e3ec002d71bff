import { expect, test } from 'vitest'
import { MAX_ATTEMPTS, takeMails } from '#domain/outbox.ts'
import { hosts } from '../domain/hosting.ts'
import { testApp, testDatabase } from '../kit/app.ts'
import { courier, type MailServer, mailServer, outbox, type Refusal, soon } from '../kit/mailServer.ts'
import { DAY, HOUR, SECOND } from '../kit/time.ts'

const LATER = { at: 'RCPT TO', code: 451, message: 'Greylisted, try again later' } as const

/** A mail that waits, and a courier that is not yet at work. */
async function waiting(emails = ['ada@guest.example']) {
  const server = await mailServer()
  const database = await testDatabase()
  const started = await hosts({ database })
  const expiresAt = started.at(30 * DAY)
  for (const email of emails) await started.create(started.acme, email, { expiresAt })
  const mail = async () => {
    const [first] = await outbox(started.app)
    if (!first) throw new Error('Nothing was posted.')
    return first
  }
  /** Once its nth attempt has come to its end. */
  const after = (attempt: number) =>
    soon(async () => {
      const row = await mail()
      expect([row.attempts, row.claimed_at]).toEqual([attempt, null])
      return row
    })
  const beside = () => testApp({ database, time: started.app.time })
  return { server, mail, after, beside, ...started }
}

/** Counts how often the server was asked, and answers each time alike. */
function answering(server: MailServer, answer: Refusal) {
  let count = 0
  server.answerBy(() => {
    count++
    return answer
  })
  return () => count
}

test('what is refused for now is tried again, each time after twice as long, until it is taken', async () => {
  const { app, server, after, mail } = await waiting()
  const asked = answering(server, LATER)
  courier(app, server)
  let wait = 30 * SECOND
  for (const attempt of [1, 2, 3, 4]) {
    const row = await after(attempt)
    expect(row).toMatchObject({
      state: 'QUEUED',
      due_at: app.time.now() + wait,
      last_error: 'The mail server said: 451 Greylisted, try again later',
    })
    app.time.advance(wait - 1)
    await new Promise((resolve) => setImmediate(resolve))
    expect(asked()).toBe(attempt)
    if (attempt === 4) server.answerBy(() => undefined)
    app.time.advance(1)
    wait *= 2
  }
  await soon(async () => expect((await mail()).state).toBe('SENT'))
  expect(await mail()).toMatchObject({ attempts: 5, last_error: null, due_at: null })
  expect(server.received).toHaveLength(1)
})

test('a mail server that is not there, or breaks off, is tried again too', async () => {
  const { app, server, after, mail } = await waiting()
  const gone = { ...server, url: new URL('smtp://127.0.0.1:9') }
  await courierUntil(app, gone, () => after(1))
  expect(await mail()).toMatchObject({ state: 'QUEUED', last_error: 'The mail server could not be reached.' })
  app.time.advance(30 * SECOND)
  answering(server, { at: 'DATA', code: 421, message: 'Going down' })
  await courierUntil(app, server, () => after(2))
  expect(await mail()).toMatchObject({ state: 'QUEUED', last_error: 'The mail server said: 421 Going down' })
})

async function courierUntil(
  app: Parameters<typeof courier>[0],
  server: MailServer,
  end: () => Promise<unknown>,
) {
  const at = courier(app, server)
  await end()
  await at.stop()
}

test.each([
  { at: 'RCPT TO', code: 550, message: '5.1.1 No such user' },
  { at: 'DATA', code: 554, message: '5.7.1 Looks like spam' },
] as const)('$code at $at is for good: tried once', async (refusal) => {
  const { app, server, mail } = await waiting()
  answering(server, refusal)
  courier(app, server)
  await soon(async () => expect((await mail()).state).toBe('FAILED'))
  expect(await mail()).toMatchObject({
    attempts: 1,
    due_at: null,
    last_error: `The mail server said: ${refusal.code} ${refusal.message}`,
  })
})

test('after about a day it is given up; the words of the server are cut, and no secret is in them', async () => {
  const { app, server, mail, after } = await waiting()
  const start = app.time.now()
  server.answerBy(() => ({ ...LATER, message: `lk_guest_${'x'.repeat(43)} ${'blocked '.repeat(100)}` }))
  courier(app, server)
  for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
    const { due_at } = await after(attempt)
    app.time.advance((due_at ?? 0) - app.time.now())
  }
  await soon(async () => expect((await mail()).state).toBe('FAILED'))
  const { attempts, last_error, due_at } = await mail()
  expect([attempts, due_at]).toEqual([MAX_ATTEMPTS, null])
  expect(last_error?.length).toBeLessThan(250)
  expect(last_error).toMatch(/^The mail server said: 451 … blocked/)
  expect(app.time.now() - start).toBeGreaterThan(20 * HOUR)
  expect(app.time.now() - start).toBeLessThan(28 * HOUR)
})

test('what a courier took and died over, another sends once the lease has ended', async () => {
  const { app, server, beside, mail } = await waiting()
  const [taken] = await takeMails(app.store, 5)
  expect(taken?.attempt).toBe(1)
  const other = await beside()
  courier(other, server)
  app.time.advance(59 * SECOND)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(server.received).toEqual([])
  app.time.advance(SECOND)
  await soon(() => expect(server.received).toHaveLength(1))
  await soon(async () => expect(await mail()).toMatchObject({ state: 'SENT', attempts: 1 }))
})

test('two couriers on one database share the work: each mail arrives once', async () => {
  const emails = Array.from({ length: 30 }, (_, index) => `guest-${index}@guest.example`)
  const { app, server, beside } = await waiting(emails)
  courier(await beside(), server)
  courier(app, server)
  await soon(async () => {
    const mails = await outbox(app)
    expect(mails.every(({ state, attempts }) => state === 'SENT' && attempts === 1)).toBe(true)
  })
  expect(server.received.map(({ recipient }) => recipient).sort()).toEqual([...emails].sort())
  const events = await app.store.db.selectFrom('invitation_events').selectAll().execute()
  const sent = events.filter(({ type }) => type === 'SENT').map((event) => event.invitation_id)
  expect([sent.length, new Set(sent).size]).toEqual([30, 30])
})

test('what another process has posted is found without a wake-up', async () => {
  const { app, acme, server, beside, create, mail } = await waiting()
  courier(await beside(), server)
  await soon(async () => expect((await mail()).state).toBe('SENT'))
  await create(acme, 'later@guest.example')
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(server.received).toHaveLength(1)
  app.time.advance(5 * SECOND)
  await soon(() => expect(server.received).toHaveLength(2))
})

test('a courier that stops finishes what is on its way, and leaves the rest to others', async () => {
  const emails = Array.from({ length: 8 }, (_, index) => `guest-${index}@guest.example`)
  const { app, server } = await waiting(emails)
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  let asked = 0
  server.answerBy(async () => {
    asked++
    await gate
    return undefined
  })
  const stopping = courier(app, server)
  await soon(() => expect(asked).toBe(5))
  const stopped = stopping.stop()
  open()
  await stopped
  const states = (await outbox(app)).map(({ state, claimed_at }) => [state, claimed_at])
  expect(states.filter(([state]) => state === 'SENT')).toHaveLength(5)
  expect(states.filter(([state]) => state === 'QUEUED')).toEqual(Array(3).fill(['QUEUED', null]))
  expect(server.received).toHaveLength(5)
})

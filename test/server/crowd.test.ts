import { setImmediate as turn } from 'node:timers/promises'
import { type ExecutionResult, parse } from 'graphql'
import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import { schema } from '#schema/schema.ts'
import { createContext } from '#server/context.ts'
import { Engine } from '#server/engine.ts'
import { delivered, type Results } from '#server/results.ts'
import { keyOf, testApp } from '../kit/app.ts'
import { countFollowers, cursorAt, fillLog, range, SEQUENCES } from '../kit/events.ts'
import { house, invite } from '../kit/story.ts'

async function start() {
  const app = await testApp()
  const acme = await house(app)
  const engine = new Engine({ schema, log: pino({ level: 'silent' }), openSchema: true })
  const document = parse(SEQUENCES)

  /** One who notes what they are told; how long they take over each is for the test to say. */
  async function subscriber({ key = acme.key, after }: { key?: string; after?: number | undefined } = {}) {
    const headers: Record<string, string> = { authorization: `Bearer ${key}` }
    const results = (await engine.subscribe({
      schema,
      document,
      variableValues: { after: after === undefined ? null : cursorAt(acme.id, after) },
      contextValue: await createContext(app.services, { header: (name) => headers[name], address: '' }),
    })) as Results
    const told: number[] = []
    const one = { told, pace: (): Promise<void> | undefined => undefined }
    const deliver = ({ data }: ExecutionResult) => {
      told.push((data as { invitationEvents: { sequence: number } }).invitationEvents.sequence)
      return one.pace()
    }
    const stream = delivered(results, deliver, () => {})
    onTestFinished(async () => void (await stream.return()))
    return Object.assign(one, { ended: stream.next(), leave: () => stream.return() })
  }

  return { app, store: app.store, acme, subscriber, followers: countFollowers(app.store) }
}

test('those who are told the same share a follower, and leave none behind', async () => {
  const { acme, subscriber, followers } = await start()
  // Some from where they had been, which is where the others begin.
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, index) => subscriber({ after: index % 2 ? 0 : undefined })),
  )
  await vi.waitFor(() => expect(followers()).toBe(1))
  await invite(acme)
  await invite(acme)
  await vi.waitFor(() => expect(all.map(({ told }) => told)).toEqual(all.map(() => [1, 2])))
  expect(followers()).toBe(1)
  for (const one of all) await one.leave()
  expect(await Promise.all(all.map(({ ended }) => ended))).toEqual(
    all.map(() => ({ done: true, value: undefined })),
  )
  expect(followers()).toBe(0)
})

test('one who is slow holds nobody up, catches up alone, and is with the others again', async () => {
  const { acme, subscriber, followers } = await start()
  const [slow, other] = [await subscriber(), await subscriber()]
  let goOn = () => {}
  slow.pace = () => new Promise((resolve) => (goOn = resolve))
  for (let count = 0; count < 3; count++) await invite(acme)
  await vi.waitFor(() => expect(other.told).toEqual([1, 2, 3]))
  expect(slow.told).toEqual([1])
  slow.pace = () => undefined
  goOn()
  await vi.waitFor(() => expect(slow.told).toEqual([1, 2, 3]))
  await vi.waitFor(() => expect(followers()).toBe(1))
  await invite(acme)
  await vi.waitFor(() => expect([slow.told, other.told]).toEqual([range(1, 4), range(1, 4)]))
})

test('whoever comes, is slow or goes, at whatever moment, has each event once, in order', async () => {
  const { store, acme, subscriber, followers } = await start()
  const all: { told: number[]; leave: () => unknown; after: number | undefined; goes: boolean }[] = []
  for (let number = 0; number < 40; number++) {
    const after = number % 3 === 0 ? number : undefined
    const coming = subscriber({ after }).then((one) => {
      const { told, leave } = one
      const goes = number % 6 === 0
      one.pace = () => {
        if (goes && told.length === 40) void leave()
        return told.length % (2 + (number % 7)) === 0 ? turn() : undefined
      }
      all.push({ told, leave, after, goes })
    })
    await Promise.all([coming, fillLog(store, acme, 14, 3)])
  }
  await vi.waitFor(() => {
    for (const { told, goes } of all) expect(goes ? told.length : told.at(-1)).toBe(goes ? 40 : 600)
  })
  for (const { told, after = (told[0] ?? 0) - 1, goes } of all)
    expect(told).toEqual(range(after + 1, goes ? after + 40 : 600))
  await vi.waitFor(() => expect(followers()).toBe(1))
})

test('those of a key that is revoked are all told so, and nobody else', async () => {
  const { app, store, acme, subscriber, followers } = await start()
  const { id, key } = await keyOf(app, acme.id, 'ORG_ADMIN')
  const leaving = await Promise.all(Array.from({ length: 3 }, () => subscriber({ key })))
  const staying = await subscriber()
  await vi.waitFor(() => expect(followers()).toBe(2))
  const refused = leaving.map(({ ended }) =>
    expect(ended).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } }),
  )
  await store.write((tx) =>
    tx.db.updateTable('api_keys').set({ revoked_at: 1 }).where('id', '=', id).execute(),
  )
  await invite(acme)
  await Promise.all(refused)
  expect(leaving.map(({ told }) => told)).toEqual([[], [], []])
  await vi.waitFor(() => expect(staying.told).toEqual([1]))
  expect(followers()).toBe(1)
})

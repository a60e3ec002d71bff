import { expect, test, vi } from 'vitest'
import { countFollowers, cursorAt, fillLog, range, SEQUENCES } from '../kit/events.ts'
import { startServer } from '../kit/server.ts'
import { house, invite } from '../kit/story.ts'
import { openStream, type StreamEvent } from '../kit/stream.ts'

async function start() {
  const server = await startServer()
  const acme = await house(server)
  return { server, acme, key: acme.key }
}

async function some(events: AsyncGenerator<StreamEvent, void>, count: number) {
  const taken: StreamEvent[] = []
  while (taken.length < count) {
    const { value } = await events.next()
    if (!value) break
    taken.push(value)
  }
  return taken
}

test('each event names its kind and, as its id, its cursor', async () => {
  const { server, acme, key } = await start()
  await fillLog(server.store, acme, 1)
  const operation = { query: SEQUENCES, variables: { after: cursorAt(acme.id, 0) } }
  const { response, events } = await openStream(server, operation, { key })
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
  expect(response.headers.get('cache-control')).toContain('no-cache')
  expect(await some(events, 2)).toEqual(
    [1, 2].map((sequence) => {
      const cursor = cursorAt(acme.id, sequence)
      return {
        id: cursor,
        event: 'next',
        data: JSON.stringify({ data: { invitationEvents: { sequence, cursor } } }),
      }
    }),
  )
})

test('Last-Event-ID is where it goes on, whatever `after` says', async () => {
  const { server, acme, key } = await start()
  await fillLog(server.store, acme, 9)
  const operation = { query: SEQUENCES, variables: { after: cursorAt(acme.id, 2) } }
  const headers = { 'last-event-id': cursorAt(acme.id, 7) }
  const { events } = await openStream(server, operation, { key, headers })
  expect((await some(events, 3)).map(({ id }) => id)).toEqual(
    range(8, 10).map((sequence) => cursorAt(acme.id, sequence)),
  )
})

test('a subscription that fails tells its error, then that it is complete, and ends', async () => {
  const { server, acme, key } = await start()
  const { events } = await openStream(server, { query: SEQUENCES }, { key })
  await server.store.write((tx) =>
    tx.db.updateTable('api_keys').set({ revoked_at: 1 }).where('id', '=', acme.keyId).execute(),
  )
  server.store.wakeups.wake([acme.id])
  const [error, complete, ...more] = await some(events, 3)
  expect(error?.event).toBe('next')
  expect(JSON.parse(error?.data ?? '').errors[0].extensions.code).toBe('UNAUTHENTICATED')
  expect(complete).toEqual({ event: 'complete', data: '' })
  expect(more).toEqual([])
})

test('a client that says nothing of what it accepts gets the same stream', async () => {
  const { server, acme, key } = await start()
  const operation = { query: SEQUENCES, variables: { after: cursorAt(acme.id, 0) } }
  await invite(acme)
  const { response, events } = await openStream(server, operation, { key, headers: { accept: '*/*' } })
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
  expect((await some(events, 1))[0]?.id).toBe(cursorAt(acme.id, 1))
})

test('a client that accepts no stream is told so', async () => {
  const { server, key } = await start()
  const { response } = await openStream(
    server,
    { query: SEQUENCES },
    { key, headers: { accept: 'application/json' } },
  )
  expect(response.status).toBe(406)
})

test('of a client that has gone nothing is left, even if no event ever came', async () => {
  const { server, key } = await start()
  const followers = countFollowers(server.store)
  const streams = await Promise.all(
    Array.from({ length: 20 }, () => openStream(server, { query: SEQUENCES }, { key })),
  )
  await vi.waitFor(() => expect(followers()).toBe(20))
  for (const { leave } of streams) leave()
  await vi.waitFor(() => expect(followers()).toBe(0))
  // Some are gone before the answer to them has begun.
  await Promise.all(
    Array.from({ length: 50 }, (_, index) => {
      const signal = AbortSignal.timeout(index % 5)
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` }
      return fetch(`${server.url}/graphql`, {
        method: 'POST',
        signal,
        headers: { ...headers, accept: 'text/event-stream' },
        body: JSON.stringify({ query: SEQUENCES }),
      }).catch(() => {})
    }),
  )
  await vi.waitFor(() => expect(followers()).toBe(0))
})

test('a server that closes cuts the stream without saying that it is complete', async () => {
  const { server, key } = await start()
  const { events } = await openStream(server, { query: SEQUENCES }, { key })
  await server.stop()
  expect(await some(events, 1)).toEqual([])
})

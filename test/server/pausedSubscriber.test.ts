import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { createInterface } from 'node:readline'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeEach, expect, test, vi } from 'vitest'
import { cursorAt, fillLog, range, SEQUENCES } from '../kit/events.ts'
import { startServer } from '../kit/server.ts'
import { house, invite } from '../kit/story.ts'
import { overSocket, socketClient } from '../kit/subscriber.ts'
import { take } from '../kit/transports.ts'

const EVENTS = 20_000
const MEGABYTE = 1024 * 1024
/** Over a kilobyte an event: in all far more than the buffers of the network hold. */
const LONG = `subscription { invitationEvents { sequence ${range(1, 20)
  .map((n) => `cursor${n}: cursor`)
  .join(' ')} } }`

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

function memory() {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / MEGABYTE
}

// Pings come when a test says so: a slow machine must not lose the one who is paused.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval'] })
  return () => void vi.useRealTimers()
})

test('subscribers that stop reading cost no memory, hold nobody up, and go on where they stopped', async () => {
  const server = await startServer()
  const acme = await house(server)
  const active = await overSocket(connect(server, acme.key).client, { query: SEQUENCES })
  const pausedSocket = connect(server, acme.key)
  const paused = await overSocket(pausedSocket.client, { query: LONG })
  pausedSocket.sockets[0]?.pause()
  const stream = await pausedStream(server.url, acme.key)

  const before = memory()
  const filled = fillLog(server.store, acme, EVENTS - 1)
  for (let sequence = 1; sequence <= EVENTS; sequence++) {
    const { value } = await active.next()
    if (value?.data.invitationEvents.sequence !== sequence) throw new Error(`Not ${sequence}`)
  }
  await filled
  expect(memory() - before).toBeLessThan(32)

  pausedSocket.sockets[0]?.resume()
  const sequences = (await take(paused, EVENTS)).map(({ data }) => data.invitationEvents.sequence)
  expect(sequences).toEqual(range(1, EVENTS))
  expect(await sequencesIn(stream, EVENTS)).toEqual(range(1, EVENTS))
})

test('one who does not answer a ping is gone, and goes on by their cursor', async () => {
  const server = await startServer()
  const acme = await house(server)
  const { client, sockets } = connect(server, acme.key)
  const events = await overSocket(client, { query: SEQUENCES })
  await invite(acme)
  const [first] = await take(events, 1)
  const [socket] = sockets
  const pinged = once(socket ?? fail(), 'ping')
  vi.advanceTimersByTime(12_000)
  await pinged
  await overSocket(client, { query: SEQUENCES }).then((more) => more.return(undefined))
  vi.advanceTimersByTime(12_000)
  expect(socket?.readyState).toBe(1)

  socket?.pause()
  vi.advanceTimersByTime(12_000)
  vi.advanceTimersByTime(12_000)
  await invite(acme)
  socket?.resume()
  await once(socket ?? fail(), 'close')
  const again = await overSocket(connect(server, acme.key).client, {
    query: SEQUENCES,
    variables: { after: first?.data.invitationEvents.cursor },
  })
  expect((await take(again, 1))[0]?.data.invitationEvents.cursor).toBe(cursorAt(acme.id, 2))
})

const connect = (server: Awaited<ReturnType<typeof startServer>>, key: string) =>
  socketClient(server, { init: { apiKey: key } })

function fail(): never {
  throw new Error('There is no socket')
}

/** A stream whose bytes nobody reads. */
async function pausedStream(url: string, key: string): Promise<IncomingMessage> {
  const call = request(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${key}`,
    },
  })
  call.end(JSON.stringify({ query: LONG }))
  const [response] = await once(call, 'response')
  return response
}

async function sequencesIn(stream: IncomingMessage, count: number) {
  const sequences: number[] = []
  for await (const line of createInterface(stream)) {
    const [, digits] = /"sequence":(\d+)/.exec(line) ?? []
    if (digits) sequences.push(Number(digits))
    if (sequences.length === count) break
  }
  return sequences
}

import { expect, test } from 'vitest'
import { cursorAt, fillLog, range, SEQUENCES } from '../kit/events.ts'
import { startServer } from '../kit/server.ts'
import { house } from '../kit/story.ts'
import { overStream } from '../kit/stream.ts'
import { type Deliveries, overSocket, socketClient } from '../kit/subscriber.ts'

/** Numbers from 0 to 1 that a seed determines. */
const seeded = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 2 ** 32
}

const EVENTS = 2000
const CUTS = 20

type Server = Awaited<ReturnType<typeof startServer>>
type Connect = (
  server: Server,
  key: string,
  cursor: string,
) => Promise<{ deliveries: Deliveries; cut: () => void }>

const connections: Record<string, Connect> = {
  async WebSocket(server, key, after) {
    const { client, sockets } = socketClient(server, { init: { apiKey: key } })
    const deliveries = await overSocket(client, { query: SEQUENCES, variables: { after } })
    return { deliveries, cut: () => sockets[0]?.terminate() }
  },
  async SSE(server, key, cursor) {
    const headers = { 'last-event-id': cursor }
    const deliveries = await overStream(server, { query: SEQUENCES }, { key, headers })
    return { deliveries, cut: deliveries.leave }
  },
}

test.each(Object.entries(connections))(
  'a subscriber over %s that is cut 20 times has every event once',
  async (_, connect) => {
    const seed = Date.now() % 1_000_000
    const random = seeded(seed)
    const server = await startServer()
    const acme = await house(server)
    const written = fillLog(server.store, acme, EVENTS - 1, 10)
    const cuts = Array.from({ length: CUTS }, () => 1 + Math.floor(random() * (EVENTS - 1))).sort(
      (a, b) => a - b,
    )
    const seen: number[] = []
    let cursor = cursorAt(acme.id, 0)
    for (const until of [...cuts, EVENTS]) {
      const { deliveries, cut } = await connect(server, acme.key, cursor)
      while (seen.length < until) {
        const { value } = await deliveries.next()
        seen.push(value?.data.invitationEvents.sequence)
        cursor = value?.data.invitationEvents.cursor
      }
      cut()
    }
    await written
    expect(seen, `seed ${seed}`).toEqual(range(1, EVENTS))
  },
)

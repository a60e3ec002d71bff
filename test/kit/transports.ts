import { overStream } from './stream.ts'
import {
  type Address,
  type Deliveries,
  type Delivery,
  type Operation,
  overSocket,
  socketClient,
} from './subscriber.ts'

/** The next so many deliveries. */
export async function take(deliveries: Deliveries, count: number): Promise<Delivery[]> {
  const taken: Delivery[] = []
  while (taken.length < count) {
    const { done, value } = await deliveries.next()
    if (done) throw new Error(`It ended after ${taken.length} of ${count}`)
    taken.push(value)
  }
  return taken
}

/** How a caller with a key subscribes, by transport. */
export const transports = {
  WebSocket: (server: Address, key: string) => {
    const { client } = socketClient(server, { init: { authorization: `Bearer ${key}` } })
    return (operation: Operation) => overSocket(client, operation)
  },
  SSE: (server: Address, key: string) => (operation: Operation) => overStream(server, operation, { key }),
} satisfies Record<string, (server: Address, key: string) => (operation: Operation) => Promise<Deliveries>>

/** The errors that a subscription ends with, in whichever way its transport tells them. */
export async function failure(subscribed: Promise<Deliveries>): Promise<NonNullable<Delivery['errors']>> {
  try {
    for await (const { errors } of await subscribed) if (errors) return errors
  } catch (thrown) {
    if (Array.isArray(thrown)) return thrown
    throw thrown
  }
  throw new Error('It ended without an error')
}

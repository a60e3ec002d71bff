import { type Client, createClient } from 'graphql-ws'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { startServer } from './server.ts'

export type Address = Pick<Awaited<ReturnType<typeof startServer>>, 'url' | 'socketUrl'>

export interface Operation {
  query: string
  variables?: Record<string, unknown>
  extensions?: Record<string, unknown>
}

/** What a subscription brings, over whichever transport. */
export interface Delivery {
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what came, whatever it is
  data?: any
  errors?: { message: string; extensions: Record<string, unknown> }[]
  /** Over SSE alone: the event's own id. */
  id?: string
}

export interface Deliveries {
  [Symbol.asyncIterator](): Deliveries
  next(): Promise<IteratorResult<Delivery, undefined>>
  return(value: undefined): Promise<IteratorResult<Delivery, undefined>>
}

export interface SocketOptions {
  /** The payload of `connection_init`. */
  init?: Record<string, unknown>
  /** The headers of the upgrade request. */
  headers?: Record<string, string>
  retryAttempts?: number
}

/** The stock client on a socket of its own; `sockets` are those that it opened, the newest last. */
export function socketClient(server: Address, { init, headers, retryAttempts = 0 }: SocketOptions = {}) {
  const sockets: WebSocket[] = []
  class Connection extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { headers })
      sockets.push(this)
    }
  }
  const client = createClient({
    url: server.socketUrl,
    webSocketImpl: Connection,
    ...(init && { connectionParams: init }),
    retryAttempts,
    retryWait: async () => {},
    lazyCloseTimeout: 60_000,
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    client.on('closed', (event) => resolve(event as { code: number; reason: string })),
  )
  onTestFinished(() => client.dispose())
  return { client, sockets, closed }
}

/** Subscribes over a socket; what happens after it has resolved is delivered. */
export async function overSocket(client: Client, operation: Operation): Promise<Deliveries> {
  const deliveries = deliveriesOf(client, operation)
  // A token is checked off the main thread, so that one answer may overtake the subscription, which was sent
  // before; three, each asked after the one before, do not.
  for (let round = 0; round < 3; round++) await ask(client, { query: '{ __typename }' })
  return deliveries
}

/** One query or mutation over a socket. */
export async function ask(client: Client, operation: Operation): Promise<Delivery> {
  for await (const result of deliveriesOf(client, operation)) return result
  throw new Error('It completed without a result')
}

/** As the client's own `iterate`, which never ends if the error comes before it is asked. */
function deliveriesOf(client: Client, operation: Operation): Deliveries {
  const waiting: Delivery[] = []
  let end: (() => IteratorReturnResult<undefined>) | undefined
  let wake = () => {}
  const ending = (how: NonNullable<typeof end>) => {
    end ??= how
    wake()
  }
  const finished = () => ({ done: true as const, value: undefined })
  const unsubscribe = client.subscribe(operation, {
    next(delivery) {
      waiting.push(delivery as Delivery)
      wake()
    },
    complete: () => ending(finished),
    error: (error) =>
      ending(() => {
        throw error
      }),
  })
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      for (;;) {
        const value = waiting.shift()
        if (value) return { done: false, value }
        if (end) return end()
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    async return() {
      unsubscribe()
      ending(finished)
      return finished()
    },
  }
}

import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { Address } from './subscriber.ts'

export interface Message {
  id?: string
  type: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what came, whatever it is
  payload?: any
}

export interface RawSocketOptions {
  /** The subprotocol to ask for; none where it is empty. */
  protocol?: string
  /** The headers of the upgrade request. */
  headers?: Record<string, string>
}

export type RawSocket = Awaited<ReturnType<typeof rawSocket>>

/** A socket without a client: what is sent on it is up to the test. */
export async function rawSocket(
  { socketUrl }: Pick<Address, 'socketUrl'>,
  { protocol = 'graphql-transport-ws', headers }: RawSocketOptions = {},
) {
  const socket = new WebSocket(socketUrl, protocol ? [protocol] : [], { headers })
  onTestFinished(() => socket.terminate())
  const received: Message[] = []
  let wake = () => {}
  const closed = new Promise<number>((resolve) => {
    socket.on('close', (code) => {
      resolve(code)
      wake()
    })
  })
  socket.on('message', (data) => {
    received.push(JSON.parse(String(data)))
    wake()
  })
  await once(socket, 'open')

  /** Sends objects as JSON, texts and bytes as they are. */
  function send(...messages: (object | string)[]) {
    for (const message of messages) {
      socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message))
    }
  }

  /** All that has come once it is so many messages, or such as are looked for. */
  async function until(enough: number | ((received: readonly Message[]) => boolean)) {
    const isEnough = () => (typeof enough === 'number' ? received.length >= enough : enough(received))
    while (!isEnough()) {
      if (socket.readyState !== WebSocket.OPEN) throw new Error(`Closed after ${JSON.stringify(received)}`)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return received
  }

  /** What has come for an operation. */
  const of = (id: string) => received.filter((message) => message.id === id)

  /** Waits until the operation has ended, in whichever way. */
  const ended = async (id: string) => {
    await until(() => of(id).some(({ type }) => type !== 'next'))
    return of(id)
  }

  /** Waits until the server has taken up all that was sent before, as it answers. */
  let pings = 0
  async function settled() {
    const ping = ++pings
    send({ type: 'ping', payload: { ping } })
    await until(() => received.some(({ type, payload }) => type === 'pong' && payload?.ping === ping))
  }

  return { socket, received, closed, send, until, of, ended, settled }
}

/** The same, introduced with a key, or anonymous. */
export async function greetedSocket(server: Pick<Address, 'socketUrl'>, key?: string) {
  const raw = await rawSocket(server)
  raw.send(key ? { type: 'connection_init', payload: { apiKey: key } } : { type: 'connection_init' })
  await raw.until(1)
  return raw
}

export const subscribe = (id: string, query: string, more: object = {}) => ({
  id,
  type: 'subscribe',
  payload: { query, ...more },
})

export const complete = (id: string) => ({ id, type: 'complete' })

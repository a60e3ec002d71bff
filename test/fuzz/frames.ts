import { WebSocket } from 'ws'
import type { Documents } from './documents.ts'
import { mutatedBytes, mutatedTokens, type Random } from './random.ts'
import type { Values } from './values.ts'

export interface SocketHooks {
  key(): string
  /** A message of the server, and what was sent last. */
  received(text: string, sent: readonly string[]): void
  /** The socket closed with a code that says that the server failed. */
  failed(code: number, reason: string, sent: readonly string[]): void
}

/** Close codes with which a server admits a bug of its own. */
const FAILURES = new Set([1005, 1006, 1011, 4500])

const KINDS = ['query', 'mutation', 'subscription', 'subscription'] as const
const NONSENSE = [
  ...['', '{}', '[]', 'null', '1', '[['.repeat(9000)],
  ...[
    '{"type":"subscribe"}',
    '{"type":"next","id":"1"}',
    '{"type":"__proto__"}',
    '{"type":"connection_ack"}',
  ],
  '{"id":"1","type":"subscribe","payload":null}',
]

/** Sends frames over sockets, a new one whenever the last was closed; whole conversations and nonsense alike. */
export class Frames {
  readonly #random: Random
  readonly #documents: Documents
  readonly #values: Values
  readonly #url: string
  readonly #hooks: SocketHooks
  readonly #closes = new Map<number, number>()
  #sent: string[] = []
  readonly #opened = new WeakSet<WebSocket>()
  #ended: WebSocket | undefined
  #socket: WebSocket | undefined

  constructor(random: Random, documents: Documents, values: Values, url: string, hooks: SocketHooks) {
    this.#random = random
    this.#documents = documents
    this.#values = values
    this.#url = url
    this.#hooks = hooks
  }

  /** How sockets were closed, by code. */
  get closes() {
    return Object.fromEntries(this.#closes)
  }

  async send() {
    const socket = await this.#open()
    const frame = this.#frame()
    this.#sent.push(
      typeof frame === 'string' ? frame.slice(0, 3000) : `binary ${frame.toString('base64').slice(0, 200)}`,
    )
    if (this.#sent.length > 6) this.#sent.shift()
    // As text, unless chance has it otherwise: bytes that are no UTF-8 among it.
    socket.send(frame, { binary: this.#random.chance(0.02) })
    if (this.#random.chance(0.3)) await new Promise((resolve) => setTimeout(resolve, this.#random.below(6)))
    const ending = this.#random.next()
    if (ending < 0.01) this.#ended = socket
    if (ending < 0.005) socket.terminate()
    else if (ending < 0.01) socket.close(this.#random.pick([1000, 1001, 3000, 4999]))
  }

  close() {
    this.#ended = this.#socket
    this.#socket?.terminate()
  }

  async #open(): Promise<WebSocket> {
    if (this.#socket?.readyState === WebSocket.OPEN) return this.#socket
    const random = this.#random
    const protocol = random.chance(0.97) ? 'graphql-transport-ws' : random.pick(['graphql-ws', 'x'])
    const socket = new WebSocket(this.#url, protocol, {
      headers: random.chance(0.2)
        ? { authorization: `Bearer ${this.#hooks.key()}`, 'accept-language': 'de, *' }
        : {},
    })
    const sent: string[] = []
    this.#sent = sent
    socket.on('message', (data) => this.#hooks.received(String(data), sent))
    socket.on('close', (code, reason) => {
      this.#closes.set(code, (this.#closes.get(code) ?? 0) + 1)
      // Without having been open, it was refused; having terminated it ourselves, we know.
      if (FAILURES.has(code) && this.#opened.has(socket) && this.#ended !== socket)
        this.#hooks.failed(code, String(reason), sent)
    })
    await new Promise<void>((resolve) => {
      socket.once('open', resolve)
      socket.on('error', () => resolve())
    })
    if (socket.readyState !== WebSocket.OPEN) return this.#open()
    this.#opened.add(socket)
    this.#socket = socket
    if (random.chance(0.9)) socket.send(JSON.stringify(this.#init()))
    return socket
  }

  #frame(): string | Buffer {
    const random = this.#random
    const text = JSON.stringify(this.#message())
    const way = random.next()
    if (way < 0.88) return text
    if (way < 0.96) return mutatedBytes(random, Buffer.from(text))
    if (way < 0.97) return 'x'.repeat(random.below(200_000))
    return random.pick(NONSENSE)
  }

  #message(): object {
    const random = this.#random
    const id = String(random.below(12))
    const way = random.next()
    if (way < 0.03) return this.#init()
    if (way < 0.1)
      return { type: random.pick(['ping', 'pong']), ...(random.chance(0.5) && { payload: { at: 1 } }) }
    if (way < 0.4) return { id, type: 'complete' }
    const { kind: _, ...operation } = this.#documents.operation(KINDS)
    if (random.chance(0.2)) operation.query = mutatedTokens(random, operation.query, operation.query)
    const extensions = random.pick([
      undefined,
      { headers: { Authorization: `Bearer ${this.#hooks.key()}` } },
      { headers: this.#values.text() },
      { headers: { 'accept-language': 5, 'last-event-id': 'x' } },
    ])
    const odd = random.chance(0.03)
      ? { variables: random.pick([null, [], 'x', 5]), operationName: random.pick([5, null, 'x']) }
      : {}
    return {
      id: random.chance(0.02) ? '' : id,
      type: 'subscribe',
      payload: { ...operation, ...(extensions && { extensions }), ...odd },
    }
  }

  #init(): object {
    const random = this.#random
    return {
      type: 'connection_init',
      payload: random.pick<unknown>([
        ...Array.from({ length: 8 }, () => ({ Authorization: `Bearer ${this.#hooks.key()}` })),
        ...[{ apiKey: this.#hooks.key() }, { authorization: 5, apikey: {} }],
        ...[{ Authorization: 'Bearer wrong' }, undefined, null, 'text'],
      ]),
    }
  }
}

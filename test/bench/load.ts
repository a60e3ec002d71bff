import { connect } from 'node:net'
import type { Asked } from './work.ts'

// Sends requests as fast as they are answered, in a process of its own: a bare client over raw sockets, which
// costs a fraction of what the fastest server does.

export interface LoadOrder {
  port: number
  /** Each with the key that it is sent with. */
  requests: (Asked & { key?: string | undefined })[]
  /** How many are under way at once, each on its own connection. */
  connections: number
  milliseconds: number
  /** Requests a second, spread evenly; as many as are answered if left out. */
  rate?: number | undefined
}

export interface LoadReport {
  requests: number
  seconds: number
  /** Answers that were not 200, or told of errors. */
  failed: number
  /** The first of them. */
  failure: string | undefined
  /** Milliseconds. */
  p50: number
  p99: number
}

/** What stands for a number that differs in each request. */
const COUNTER = '########'

let sent = 0

function bytesOf({ query, operationName, variables, key }: LoadOrder['requests'][number]) {
  const body = JSON.stringify({ query, operationName, variables })
  const authorization = key ? `authorization: Bearer ${key}\r\n` : ''
  const bytes = Buffer.from(
    `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\naccept: application/json\r\n${authorization}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  return { bytes, counter: bytes.indexOf(COUNTER) }
}

function run({ port, requests, connections, milliseconds, rate }: LoadOrder): Promise<LoadReport> {
  const prepared = requests.map(bytesOf)
  const times: number[] = []
  const started = performance.now()
  const end = started + milliseconds
  let failed = 0
  let failure: string | undefined
  let open = connections
  let due = started
  return new Promise((resolve) => {
    for (let number = 0; number < connections; number++) {
      const socket = connect(port, '127.0.0.1').setNoDelay(true)
      let asked = 0
      let missing = 0
      let head = ''
      const ask = () => {
        const request = prepared[sent++ % prepared.length]
        if (!request) return
        if (request.counter > 0) request.bytes.write(String(sent).padStart(8, '0'), request.counter)
        asked = performance.now()
        socket.write(request.bytes)
      }
      const next = () => {
        const now = performance.now()
        if (now >= end) return socket.end()
        if (!rate) return ask()
        due = Math.max(due + 1000 / rate, now - 1000)
        setTimeout(ask, Math.max(0, due - now))
      }
      const answered = () => {
        times.push(performance.now() - asked)
        if (!head.startsWith('HTTP/1.1 200') || head.includes('"errors"') || head.includes('"code"')) {
          failed++
          failure ??= head
        }
        head = ''
        next()
      }
      socket.on('connect', next)
      socket.on('data', (chunk: Buffer) => {
        if (missing > 0) {
          missing -= chunk.length
          if (missing === 0) answered()
          return
        }
        head += chunk.toString('latin1', 0, 2000)
        const body = chunk.indexOf('\r\n\r\n') + 4
        const [, length] = /content-length: (\d+)/i.exec(head) ?? []
        if (body < 4 || length === undefined) return
        missing = Number(length) - (chunk.length - body)
        if (missing === 0) answered()
      })
      socket.on('close', () => {
        if (--open > 0) return
        times.sort((a, b) => a - b)
        const at = (share: number) => times[Math.floor(times.length * share)] ?? 0
        const seconds = (performance.now() - started) / 1000
        resolve({ requests: times.length, seconds, failed, failure, p50: at(0.5), p99: at(0.99) })
      })
      socket.on('error', (error) => {
        failed++
        failure ??= String(error)
      })
    }
  })
}

process.on('message', async (order: LoadOrder) => process.send?.(await run(order)))

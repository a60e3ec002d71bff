import { connect, type Socket } from 'node:net'

// Subscribers over raw sockets, in a process of their own: they count the frames that come, and no more.

export type SocketsOrder =
  | { open: number; port: number; query: string; key: string }
  | { publish: object; port: number; key: string }

export interface SocketsReport {
  /** Milliseconds to the last delivery. */
  milliseconds: number
  lost: number
}

const sockets: Socket[] = []
let got = 0
let want = Number.POSITIVE_INFINITY
let reached = () => {}

const MASK = [1, 2, 3, 4] as const

function frame(text: string) {
  const body = Buffer.from(text)
  for (let index = 0; index < body.length; index++) body[index] = (body[index] ?? 0) ^ (MASK[index & 3] ?? 0)
  const length = body.length < 126 ? [0x80 | body.length] : [0x80 | 126, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([0x81, ...length, ...MASK]), body])
}

/** Opens a socket, and subscribes; resolves once it is greeted. */
function open(port: number, query: string, key: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true)
    sockets.push(socket)
    socket.write(
      'GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
    )
    let rest: Buffer = Buffer.alloc(0)
    let upgraded = false
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      let data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
      if (!upgraded) {
        const end = data.indexOf('\r\n\r\n')
        if (end < 0) {
          rest = data
          return
        }
        upgraded = true
        socket.write(frame(JSON.stringify({ type: 'connection_init', payload: { apiKey: key } })))
        data = data.subarray(end + 4)
      }
      let at = 0
      while (data.length - at >= 2) {
        const short = (data[at + 1] ?? 0) & 127
        const head = short === 126 ? 4 : 2
        if (data.length - at < head) break
        const length = short === 126 ? data.readUInt16BE(at + 2) : short
        if (data.length - at < head + length) break
        const text = data.toString('latin1', at + head, at + head + Math.min(length, 80))
        if (text.includes('"connection_ack"')) {
          const id = `00000000-0000-0000-0000-${String(sockets.length).padStart(12, '0')}`
          socket.write(frame(JSON.stringify({ id, type: 'subscribe', payload: { query } })))
          resolve()
        } else if (text.includes('"next"') && ++got === want) reached()
        else if (text.includes('"error"')) reject(new Error(data.toString()))
        at += head + length
      }
      rest = data.subarray(at)
    })
  })
}

async function publish(request: object, port: number, key: string): Promise<SocketsReport> {
  got = 0
  want = sockets.length
  const all = new Promise<boolean>((resolve) => {
    reached = () => resolve(true)
    setTimeout(() => resolve(false), 20_000).unref()
  })
  const started = performance.now()
  const answer = fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(request),
  })
  await all
  const milliseconds = performance.now() - started
  const { errors, data } = await (await answer).json()
  if (errors || data.revokeInvite.code) throw new Error(JSON.stringify({ errors, data }))
  return { milliseconds, lost: want - got }
}

process.on('message', async (order: SocketsOrder) => {
  if ('publish' in order) return process.send?.(await publish(order.publish, order.port, order.key))
  const { open: count, port, query, key } = order
  while (sockets.length < count) {
    await Promise.all(
      Array.from({ length: Math.min(50, count - sockets.length) }, () => open(port, query, key)),
    )
  }
  // The last subscriptions are on their way.
  setTimeout(() => process.send?.({ milliseconds: 0, lost: 0 }), 1500)
})

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SEQUENCES } from '../kit/events.ts'
import { greetedSocket, subscribe } from '../kit/rawSocket.ts'
import { startServer } from '../kit/server.ts'
import { house, invite } from '../kit/story.ts'

const TEXT = 0x81

/** A frame as a client sends it: masked, here with zeros. */
function frame(payload: string | Buffer, first = TEXT): Buffer {
  const bytes = Buffer.from(payload)
  const long = bytes.length > 125
  const header = Buffer.alloc(long ? 8 : 6)
  header[0] = first
  header[1] = 0x80 | (long ? 126 : bytes.length)
  if (long) header.writeUInt16BE(bytes.length, 2)
  return Buffer.concat([header, bytes])
}

/** A connection that has been upgraded by hand, so that any bytes can follow in one write. */
async function upgraded(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  // The server may hang up in the middle of what it is sent.
  socket.on('error', () => {})
  socket.write(
    [
      'GET /graphql HTTP/1.1',
      'Host: x',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${btoa('x'.repeat(16))}`,
      'Sec-WebSocket-Protocol: graphql-transport-ws',
      '\r\n',
    ].join('\r\n'),
  )
  const [head] = await once(socket, 'data')
  expect(String(head)).toMatch(/^HTTP\/1\.1 101 /)
  return socket
}

const INIT = frame('{"type":"connection_init"}')
const PING = frame('{"type":"ping"}')
const QUERY = frame('{"id":"1","type":"subscribe","payload":{"query":"{ __typename }"}}')
const NO_UTF8 = frame(Buffer.from([0xc3, 0x28, 0xff]))
const pings = (count: number) => Array.from({ length: count }, () => PING)

describe('the server outlives', () => {
  test.each([
    ['400 frames, one that is no UTF-8, and one more', [INIT, ...pings(400), NO_UTF8, PING]],
    ['400 frames, one of an unknown kind, and one more', [INIT, ...pings(400), frame('x', 0x83), QUERY]],
    ['400 frames and one without a mask', [INIT, ...pings(400), Buffer.from([TEXT, 1, 65]), PING]],
    [
      '400 frames and a close with a code that there is not',
      [INIT, ...pings(400), frame(Buffer.from([0, 5]), 0x88), PING],
    ],
    ['400 frames and a continuation of nothing', [INIT, ...pings(400), frame('x', 0x80), PING]],
    ['a close, and frames behind it', [INIT, frame(Buffer.from([0x03, 0xe8]), 0x88), ...pings(400), QUERY]],
    ['no introduction but frames', [...pings(400), NO_UTF8, QUERY]],
    ['frames that are compressed, unasked', [INIT, ...pings(400), frame('x', 0xc1), PING]],
  ])('%s', async (_, frames) => {
    const server = await startServer()
    const acme = await house(server)
    const other = await greetedSocket(server, acme.key)
    other.send(subscribe('events', SEQUENCES))
    await other.settled()
    for (let i = 0; i < 3; i++) {
      const socket = await upgraded(server.url)
      const closed = once(socket, 'close')
      socket.resume().write(Buffer.concat(frames))
      await closed
    }
    await invite(acme)
    await other.until(() => other.of('events').length === 1)
  })
})

test('one frame in single bytes, and one message in many frames, are messages as any other', async () => {
  const { url } = await startServer()
  const socket = await upgraded(url)
  let heard = ''
  socket.setNoDelay().on('data', (chunk) => {
    heard += chunk
  })
  for (const byte of INIT) {
    socket.write(Buffer.from([byte]))
    await new Promise((resolve) => setImmediate(resolve))
  }
  const [first = '', ...rest] = '{"type":"ping","payload":{"many":"frames"}}'
  const last = rest.pop() ?? ''
  socket.write(Buffer.concat([frame(first, 0x01), ...rest.map((part) => frame(part, 0)), frame(last, 0x80)]))
  while (!heard.includes('"pong"')) await once(socket, 'data')
  expect(heard).toMatch(/"connection_ack"[\s\S]*"pong","payload":\{"many":"frames"\}/)
})

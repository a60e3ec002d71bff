import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { greetedSocket, rawSocket } from '../kit/rawSocket.ts'
import { startServer } from '../kit/server.ts'

const LISTED = 'https://app.example.com'
const OTHERS = [
  'https://elsewhere.example',
  'http://app.example.com',
  `${LISTED}:8443`,
  `${LISTED}.elsewhere.example`,
  'https://latchkey.test.elsewhere.example',
  'http://127.0.0.1',
  'http://localhost',
  'null',
  'nonsense',
  '',
]

/** How the upgrade is answered. */
async function statusOf(socketUrl: string, origin: string) {
  const socket = new WebSocket(socketUrl, 'graphql-transport-ws', { headers: { origin } })
  socket.on('error', () => {})
  const [, response] = await once(socket, 'unexpected-response')
  response.resume()
  return response.statusCode as number
}

test('pages of our own, of the public address and of listed origins connect', async () => {
  const server = await startServer({ corsOrigins: [LISTED] })
  const origins = [server.url, server.url.replace('http:', 'https:'), 'https://latchkey.test', LISTED]
  for (const origin of origins) {
    const { socket } = await rawSocket(server, { headers: { origin } })
    expect(socket.readyState, origin).toBe(1)
  }
})

test('whoever sends no origin is no browser, and connects', async () => {
  const server = await startServer()
  const { received } = await greetedSocket(server, server.key)
  expect(received).toEqual([{ type: 'connection_ack' }])
})

test('pages of other origins get 403, before anything is upgraded', async () => {
  const server = await startServer({ corsOrigins: [LISTED] })
  for (const origin of OTHERS) expect(await statusOf(server.socketUrl, origin), origin).toBe(403)
})

test('without a list, only our own', async () => {
  const server = await startServer()
  for (const origin of [LISTED, ...OTHERS]) {
    expect(await statusOf(server.socketUrl, origin), origin).toBe(403)
  }
})

import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { SEQUENCES } from '../kit/events.ts'
import { greetedSocket, type Message, rawSocket, subscribe } from '../kit/rawSocket.ts'
import { startServer } from '../kit/server.ts'

const INIT = { type: 'connection_init' }
const TYPENAME = '{ __typename }'

describe('what is no message of a client closes with 4400:', () => {
  const malformed: [what: string, message: object | string][] = [
    ['nothing', ''],
    ['no JSON', '{"type":"ping"'],
    ['JSON that is no object', 'null'],
    ['a list of messages', [{ type: 'ping' }]],
    ['bytes', Buffer.from('{"type":"ping"}')],
    ['no type', {}],
    ['a type that is no text', { type: 5 }],
    ['an unknown type', { type: 'start' }],
    ['a type of every object', { type: '__proto__' }],
    ['connection_init with a text', { ...INIT, payload: 'text' }],
    ['ping with a number', { type: 'ping', payload: 5 }],
    ['pong with a list', { type: 'pong', payload: [] }],
    ['subscribe without an id', { type: 'subscribe', payload: { query: TYPENAME } }],
    ['subscribe with an empty id', subscribe('', TYPENAME)],
    ['subscribe with a number as its id', { ...subscribe('1', TYPENAME), id: 1 }],
    ['subscribe without a payload', { type: 'subscribe', id: '1' }],
    ['subscribe with null as its payload', { type: 'subscribe', id: '1', payload: null }],
    ['subscribe without a query', { type: 'subscribe', id: '1', payload: {} }],
    ['subscribe with a query that is no text', subscribe('1', TYPENAME, { query: { a: 1 } })],
    ['variables in a list', subscribe('1', TYPENAME, { variables: [] })],
    ['an operationName that is no text', subscribe('1', TYPENAME, { operationName: 5 })],
    ['extensions that are a text', subscribe('1', TYPENAME, { extensions: 'x' })],
    ['complete without an id', { type: 'complete' }],
    ['complete with an empty id', { type: 'complete', id: '' }],
    ['connection_ack', { type: 'connection_ack' }],
    ['next', { type: 'next', id: '1', payload: { data: {} } }],
    ['next without an id', { type: 'next' }],
    ['error', { type: 'error', id: '1', payload: [{ message: 'No' }] }],
  ]
  test.each(malformed)('%s', async (_, message) => {
    const server = await startServer()
    for (const greet of [greetedSocket, rawSocket]) {
      const { send, closed, received } = await greet(server)
      const before = received.length
      send(message, subscribe('after', TYPENAME))
      expect(await closed).toBe(4400)
      expect(received).toHaveLength(before)
    }
  })
})

describe('the introduction', () => {
  test('who subscribes before it is closed with 4401', async () => {
    const server = await startServer()
    const { send, closed } = await rawSocket(server)
    send(subscribe('1', TYPENAME), INIT)
    expect(await closed).toBe(4401)
  })

  test('who comes with a key that is not good is closed with 4401, whatever they send behind it', async () => {
    const server = await startServer()
    const { send, closed, received } = await rawSocket(server)
    send({ ...INIT, payload: { apiKey: 'lk_key_nonsense' } }, subscribe('1', TYPENAME), { type: 'ping' })
    expect(await closed).toBe(4401)
    expect(received).toEqual([])
  })

  test('who does not introduce themselves in time is closed with 4408', async () => {
    const server = await startServer({ initMs: 20 })
    const { send, closed } = await rawSocket(server)
    send({ type: 'ping' })
    expect(await closed).toBe(4408)
  })

  test('who has is not, however long they are silent', async () => {
    const server = await startServer({ initMs: 20 })
    const { settled } = await greetedSocket(server)
    const { closed } = await rawSocket(server)
    expect(await closed).toBe(4408)
    await settled()
  })

  test.each([
    ['at once', false],
    ['later', true],
  ])('who does so twice is closed with 4429: %s', async (_, waits) => {
    const server = await startServer()
    const { send, closed, until } = await rawSocket(server)
    send(INIT)
    if (waits) await until(1)
    send(INIT)
    expect(await closed).toBe(4429)
  })

  test('without a payload, or with an empty one, it is that of nobody', async () => {
    const server = await startServer()
    for (const payload of [undefined, null, {}]) {
      const { send, ended } = await rawSocket(server)
      send({ ...INIT, payload }, subscribe('1', '{ organization { id } }'))
      const [next] = await ended('1')
      expect(next).toMatchObject({ payload: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } })
    }
  })

  test('may come behind a ping, with a subscription behind itself', async () => {
    const server = await startServer()
    const { send, ended, received } = await rawSocket(server)
    const init = { ...INIT, payload: { apiKey: server.key } }
    send({ type: 'ping' }, init, subscribe('1', SEQUENCES), subscribe('2', TYPENAME))
    await ended('2')
    const types = received.map(({ type }: Message) => type)
    expect(types).toEqual(['pong', 'connection_ack', 'next', 'complete'])
  })
})

describe('the subprotocol', () => {
  test('without one the socket is closed with 4406', async () => {
    const server = await startServer()
    const { closed } = await rawSocket(server, { protocol: '' })
    expect(await closed).toBe(4406)
  })

  test.each(['graphql-ws', 'graphql-transport-ws2'])('%s is none of ours: 4406', async (protocol) => {
    const { url } = await startServer()
    // By hand: clients give up themselves when a server chooses none of theirs.
    const { port } = new URL(url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(
      `GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${btoa('x'.repeat(16))}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
    )
    let heard = Buffer.alloc(0)
    for await (const chunk of socket) {
      heard = Buffer.concat([heard, chunk])
      const frame = heard.subarray(heard.indexOf('\r\n\r\n') + 4)
      if (frame.length < 4) continue
      expect([frame[0], frame.readUInt16BE(2)]).toEqual([0x88, 4406])
      break
    }
    expect.assertions(1)
  })
})

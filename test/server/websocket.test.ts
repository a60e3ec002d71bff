import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { countFollowers, EVENTS, SEQUENCES } from '../kit/events.ts'
import { rawSocket } from '../kit/rawSocket.ts'
import { startServer } from '../kit/server.ts'
import { CREATE_INVITE, house, invite } from '../kit/story.ts'
import { ask, overSocket, socketClient } from '../kit/subscriber.ts'
import { failure, take } from '../kit/transports.ts'

async function start() {
  const server = await startServer()
  const acme = await house(server)
  return { server, acme, ...socketClient(server, { init: { apiKey: acme.key } }) }
}

test('queries and mutations', async () => {
  const { acme, client } = await start()
  const input = { integrationId: acme.integrationId, portalIds: acme.portalIds }
  const { data } = await ask(client, { query: CREATE_INVITE, variables: { input } })
  const { id } = data.createInvite.invite
  const query = 'query ($id: ID!) { node(id: $id) { id } }'
  expect((await ask(client, { query, variables: { id } })).data).toEqual({ node: { id } })
})

test.each([
  ['a document that cannot be parsed', { query: 'subscription {' }, 'GRAPHQL_PARSE_FAILED'],
  ['an unknown field', { query: '{ nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['too many tokens', { query: `{ ${'__typename '.repeat(4000)} }` }, 'GRAPHQL_PARSE_FAILED'],
  [
    'too deep a document',
    { query: `{ organization ${'{ parent '.repeat(30)} { id } ${'}'.repeat(30)} }` },
    'OPERATION_TOO_LARGE',
  ],
  [
    'an unknown operation',
    { query: 'query A { __typename }', operationName: 'B' },
    'OPERATION_RESOLUTION_FAILURE',
  ],
  ['variables of another type', { query: SEQUENCES, variables: { after: {} } }, 'BAD_USER_INPUT'],
])('%s is answered on its operation alone', async (_, operation, code) => {
  const { acme, client, sockets } = await start()
  const events = await overSocket(client, { query: SEQUENCES })
  const errors = await failure(overSocket(client, operation))
  expect(errors.map(({ extensions }) => extensions.code)).toContain(code)
  await invite(acme)
  expect(await take(events, 1)).toHaveLength(1)
  expect(sockets).toHaveLength(1)
})

test('a frame above 64 KiB closes its socket, and no other', async () => {
  const { server, acme, client } = await start()
  const events = await overSocket(client, { query: SEQUENCES })
  const { socket, send } = await rawSocket(server)
  send({ type: 'ping', payload: { text: 'x'.repeat(64 * 1024) } })
  expect((await once(socket, 'close'))[0]).toBe(1009)
  await invite(acme)
  expect(await take(events, 1)).toHaveLength(1)
})

test('a client that subscribes without waiting for the ack is served after it', async () => {
  const { server, acme } = await start()
  const { received, send } = await rawSocket(server)
  send(
    { type: 'connection_init', payload: { apiKey: acme.key } },
    { type: 'subscribe', id: '1', payload: { query: SEQUENCES } },
    { type: 'subscribe', id: '2', payload: { query: '{ __typename }' } },
  )
  await vi.waitFor(() => expect(received).toHaveLength(3))
  expect(received.map(({ type }) => type)).toEqual(['connection_ack', 'next', 'complete'])
  await invite(acme)
  await vi.waitFor(() => expect(received.at(3)).toMatchObject({ type: 'next', id: '1' }))
})

test('another path is refused', async () => {
  const { server } = await start()
  const elsewhere = new WebSocket(server.socketUrl.replace('/graphql', '/'), 'graphql-transport-ws')
  expect((await once(elsewhere, 'error'))[0].message).toContain('400')
})

test('of a client that has gone, or has enough, nothing is left', async () => {
  const { server, acme } = await start()
  const followers = countFollowers(server.store)
  const { client, sockets } = socketClient(server, { init: { apiKey: acme.key } })
  const enough = await overSocket(client, { query: SEQUENCES })
  await overSocket(client, { query: EVENTS })
  expect(followers()).toBe(2)
  await enough.return(undefined)
  await vi.waitFor(() => expect(followers()).toBe(1))
  sockets[0]?.terminate()
  await vi.waitFor(() => expect(followers()).toBe(0))
})

test('one who is gone before the subscription has begun leaves nothing either', async () => {
  const { server, acme } = await start()
  const followers = countFollowers(server.store)
  for (let i = 0; i < 20; i++) {
    const { socket, send } = await rawSocket(server)
    send(
      { type: 'connection_init', payload: { apiKey: acme.key } },
      { type: 'subscribe', id: '1', payload: { query: SEQUENCES } },
      { type: 'complete', id: '1' },
      { type: 'subscribe', id: '1', payload: { query: SEQUENCES } },
    )
    setImmediate(() => socket.terminate())
    await once(socket, 'close')
  }
  await vi.waitFor(() => expect(followers()).toBe(0))
})

test('a client that does not read is not read from', async () => {
  const { server, acme, client } = await start()
  const { socket, received, send } = await rawSocket(server)
  send({ type: 'connection_init', payload: { apiKey: acme.key } })
  await vi.waitFor(() => expect(received).toHaveLength(1))
  socket.pause()
  const payload = { text: 'x'.repeat(60_000) }
  for (let i = 0; i < 999; i++) send({ type: 'ping', payload })
  let taken = false
  socket.send(JSON.stringify({ type: 'ping', payload }), () => {
    taken = true
  })
  for (let i = 0; i < 200; i++) await ask(client, { query: '{ __typename }' })
  expect(taken).toBe(false)
  socket.resume()
  await vi.waitFor(() => expect(received).toHaveLength(1001), { timeout: 10_000 })
})

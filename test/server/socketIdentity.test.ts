import { expect, test } from 'vitest'
import { organization } from '../kit/app.ts'
import { EVENTS } from '../kit/events.ts'
import { startServer } from '../kit/server.ts'
import { house, invite } from '../kit/story.ts'
import { ask, overSocket, type SocketOptions, socketClient } from '../kit/subscriber.ts'
import { failure } from '../kit/transports.ts'

const WHO = '{ organization { name } }'
const PREVIEW = `query ($token: String!) { invitationPreview(token: $token) { __typename } }`

test.each([
  ['authorization in connection_init', (key: string) => ({ init: { authorization: `Bearer ${key}` } })],
  ['Authorization in connection_init', (key: string) => ({ init: { Authorization: `Bearer ${key}` } })],
  ['apiKey in connection_init', (key: string) => ({ init: { apiKey: key } })],
  ['a header of the upgrade', (key: string) => ({ headers: { Authorization: `Bearer ${key}` } })],
])('a key in %s', async (_, options: (key: string) => SocketOptions) => {
  const server = await startServer()
  const acme = await organization(server, 'Acme')
  const { client } = socketClient(server, options(acme.key))
  expect((await ask(client, { query: WHO })).data).toEqual({ organization: { name: 'Acme' } })
})

test("a key in an operation's own headers, in any case, outranks the connection's", async () => {
  const server = await startServer()
  const [acme, other] = [await organization(server, 'Acme'), await organization(server, 'Other')]
  const { client } = socketClient(server, { init: { apiKey: acme.key } })
  for (const name of ['authorization', 'Authorization', 'AUTHORIZATION']) {
    const extensions = { headers: { [name]: `Bearer ${other.key}` } }
    expect((await ask(client, { query: WHO, extensions })).data.organization.name).toBe('Other')
  }
  expect((await ask(client, { query: WHO })).data.organization.name).toBe('Acme')
})

test.each([
  ['connection_init', { init: { apiKey: 'lk_nonsense' } }],
  ['the upgrade', { headers: { authorization: 'Bearer lk_nonsense' } }],
])('a key in %s that is not good closes the socket for good', async (_, options) => {
  const server = await startServer()
  const { client, closed, sockets } = socketClient(server, { ...options, retryAttempts: 3 })
  await expect(ask(client, { query: WHO })).rejects.toMatchObject({ code: 4401 })
  const { code, reason } = await closed
  expect([code, reason]).toEqual([4401, expect.stringContaining('API key')])
  expect(sockets).toHaveLength(1)
})

test('an operation with a bad key of its own is refused alone', async () => {
  const server = await startServer()
  const { client } = socketClient(server, { init: { apiKey: server.key } })
  const extensions = { headers: { authorization: 'Bearer lk_nonsense' } }
  const [error] = await failure(overSocket(client, { query: EVENTS, extensions }))
  expect(error?.extensions.code).toBe('UNAUTHENTICATED')
  expect((await ask(client, { query: WHO })).errors).toBeUndefined()
})

test('without a key: what needs none works, the rest is refused, the socket stays', async () => {
  const server = await startServer()
  const { token } = await invite(await house(server))
  const { client, sockets } = socketClient(server)
  const [error] = await failure(overSocket(client, { query: EVENTS }))
  expect(error?.extensions.code).toBe('UNAUTHENTICATED')
  const { data } = await ask(client, { query: PREVIEW, variables: { token } })
  expect(data.invitationPreview).not.toBeNull()
  expect(sockets.map((socket) => socket.readyState)).toEqual([1])
})

test('a database that cannot be asked is no verdict on the key: the client may try again', async () => {
  const server = await startServer()
  const { client, closed } = socketClient(server, { init: { apiKey: server.key } })
  await server.store.write((tx) => tx.db.schema.alterTable('api_keys').renameTo('lost').execute())
  await ask(client, { query: WHO }).catch(() => {})
  expect((await closed).code).toBe(1013)
})

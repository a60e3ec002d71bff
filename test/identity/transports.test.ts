import { expect, test } from 'vitest'
import { createIdentityProvider } from '#server/identityProvider.ts'
import { startIdentityProvider } from '../kit/identityProvider.ts'
import { startServer } from '../kit/server.ts'
import { house } from '../kit/story.ts'
import { ask, overSocket, socketClient } from '../kit/subscriber.ts'
import { failure } from '../kit/transports.ts'
import { follower } from './follower.ts'
import { member } from './people.ts'

const WHO = '{ viewer { role actor { ... on User { id } } } }'

test.each([
  ['connection_init', (token: string) => ({ init: { authorization: `Bearer ${token}` } })],
  ['the upgrade', (token: string) => ({ headers: { authorization: `Bearer ${token}` } })],
])('a token in %s', async (_, options) => {
  const { server, ada } = await follower()
  const { client } = socketClient(server, options(ada.token))
  expect((await ask(client, { query: WHO })).data.viewer).toEqual({
    role: 'ORG_MEMBER',
    actor: { id: ada.userId },
  })
})

test("a token in an operation's own headers, with the organization that it is for", async () => {
  const { server, acme, ada } = await follower()
  const other = await house(server, 'Other')
  await member(server, other.id, { role: 'GUEST' })
  const { client } = socketClient(server)
  for (const [organizationId, role] of [
    [acme.id, 'ORG_MEMBER'],
    [other.id, 'GUEST'],
  ]) {
    const headers = { Authorization: `Bearer ${ada.token}`, 'Requester-Organization-ID': organizationId }
    expect((await ask(client, { query: WHO, extensions: { headers } })).data.viewer.role).toBe(role)
  }
})

test('a token that is not good closes the socket for good', async () => {
  const { server, ada } = await follower()
  const { client, closed } = socketClient(server, { init: { authorization: `Bearer ${ada.token}x` } })
  await ask(client, { query: WHO }).catch(() => {})
  expect(await closed).toMatchObject({ code: 4401 })
})

test('a provider that is down is no verdict on a token: the client may try again', async () => {
  const provider = await startIdentityProvider()
  const identityProvider = createIdentityProvider({ ...provider, now: Date.now })
  const server = await startServer({ identityProvider })
  provider.answerWith(500)
  const authorization = `Bearer ${await provider.sign()}`
  const { client, closed } = socketClient(server, { init: { authorization } })
  await ask(client, { query: WHO }).catch(() => {})
  expect(await closed).toMatchObject({ code: 1013, reason: expect.stringContaining('our side') })
  const single = socketClient(server)
  const extensions = { headers: { authorization } }
  const answer = await failure(overSocket(single.client, { query: WHO, extensions }))
  expect(answer[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR')
})

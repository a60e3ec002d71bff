import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SEQUENCES } from '../kit/events.ts'
import { house, invite } from '../kit/story.ts'
import { overSocket, socketClient } from '../kit/subscriber.ts'
import { failure, take, transports } from '../kit/transports.ts'
import { follower } from './follower.ts'
import { answerOf, CREATE_KEY, person, REMOVE_MEMBER, REVOKE_KEY, UPDATE_MEMBER } from './people.ts'

test.each(Object.entries(transports))('%s: a newcomer follows nothing', async (_, subscribe) => {
  const { server } = await follower()
  const { token } = await person(server, 'new')
  const [error] = await failure(subscribe(server, token)({ query: SEQUENCES }))
  expect(error?.extensions.code).toBe('FORBIDDEN')
})

test.each(Object.entries(transports))('%s: a subscription ends with its token', async (_, subscribe) => {
  const { server, provider, acme } = await follower()
  const exp = Math.ceil(Date.now() / 1000) + 1
  const token = await provider.sign({ sub: 'ada', exp })
  const deliveries = await subscribe(server, token)({ query: SEQUENCES })
  await invite(acme)
  await take(deliveries, 1)
  await setTimeout(exp * 1000 - Date.now() + 5)
  await invite(acme)
  const [error] = await failure(Promise.resolve(deliveries))
  expect(error?.extensions.code).toBe('UNAUTHENTICATED')
})

test.each(Object.entries(transports))(
  '%s: it ends with the membership, or in another role',
  async (_, subscribe) => {
    const { server, acme, ada } = await follower('ORG_ADMIN')
    const { secret } = await answerOf(
      server,
      CREATE_KEY,
      { name: 'x', role: 'ORG_ADMIN' },
      { key: ada.token },
    )
    const follow = async (key: string) => {
      const deliveries = await subscribe(server, key)({ query: SEQUENCES })
      await invite(acme)
      await take(deliveries, 1)
      return deliveries
    }
    const ends = async (deliveries: Awaited<ReturnType<typeof follow>>) => {
      await invite(acme)
      const [error] = await failure(Promise.resolve(deliveries))
      expect(error?.extensions.code).toBe('UNAUTHENTICATED')
    }
    const [first, byKey] = [await follow(ada.token), await follow(secret)]
    await answerOf(server, UPDATE_MEMBER, { id: ada.membershipId, role: 'ORG_VIEWER' }, { key: acme.key })
    await Promise.all([ends(first), ends(byKey)])
    const second = await follow(ada.token)
    await answerOf(server, REMOVE_MEMBER, { id: ada.membershipId }, { key: acme.key })
    await ends(second)
  },
)

test('a subscription for another organization ends when that one no longer allows it', async () => {
  const { server, acme } = await follower()
  const other = await house(server, 'Other')
  const { connectionId } = await connected(server, acme, other)
  const { client } = socketClient(server, {
    init: { authorization: `Bearer ${acme.key}`, 'target-organization-id': other.id },
  })
  const deliveries = await overSocket(client, { query: SEQUENCES })
  await invite(other)
  await take(deliveries, 1)
  await answerOf(server, DISCONNECT, { id: connectionId }, { key: other.key })
  await invite(other)
  await expect(failure(Promise.resolve(deliveries))).resolves.toMatchObject([
    { extensions: { code: 'UNAUTHENTICATED' } },
  ])
})

test('a revoked key follows no more', async () => {
  const { server, acme } = await follower()
  const made = await answerOf(server, CREATE_KEY, { name: 'x', role: 'ORG_VIEWER' }, { key: acme.key })
  const deliveries = await transports.SSE(server, made.secret)({ query: SEQUENCES })
  await answerOf(server, REVOKE_KEY, { id: made.apiKey.id }, { key: acme.key })
  await invite(acme)
  const [error] = await failure(Promise.resolve(deliveries))
  expect(error?.extensions.code).toBe('UNAUTHENTICATED')
})

const DISCONNECT =
  'mutation ($input: DisconnectOrganizationInput!) { disconnectOrganization(input: $input) { __typename } }'

/** The one follows the other's log. */
async function connected(
  server: Awaited<ReturnType<typeof follower>>['server'],
  one: { id: string; key: string },
  other: { id: string; key: string },
) {
  const requested = await answerOf(
    server,
    `mutation ($input: RequestOrganizationConnectionInput!) { requestOrganizationConnection(input: $input) {
      ... on RequestOrganizationConnectionPayload { connection { id } } } }`,
    { organizationId: one.id, scopes: ['EVENT_READ'] },
    { key: other.key },
  )
  const id: string = requested.connection.id
  await answerOf(
    server,
    'mutation ($input: AcceptOrganizationConnectionInput!) { acceptOrganizationConnection(input: $input) { __typename } }',
    { id },
    { key: one.key },
  )
  return { connectionId: id }
}

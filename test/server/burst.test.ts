import { expect, test } from 'vitest'
import { viewerOfKey } from '#domain/credentials.ts'
import { createInvite } from '#domain/inviteCreation.ts'
import { range, SEQUENCES } from '../kit/events.ts'
import { startServer } from '../kit/server.ts'
import { house } from '../kit/story.ts'
import { overStream } from '../kit/stream.ts'
import { overSocket, socketClient } from '../kit/subscriber.ts'
import { take } from '../kit/transports.ts'

// Many times what any queue on the way would hold.
const INVITES = 5000
const SUBSCRIBERS = 20

test(`${INVITES} invites in one burst reach ${SUBSCRIBERS} subscribers, in order, each once`, {
  timeout: 120_000,
}, async () => {
  const server = await startServer()
  const acme = await house(server)
  const viewer = await viewerOfKey(server.store, acme.key)
  if (!viewer) throw new Error('No viewer')
  const { client } = socketClient(server, { init: { apiKey: acme.key } })
  const subscribers = await Promise.all(
    Array.from({ length: SUBSCRIBERS }, (_, index) =>
      index % 2
        ? overStream(server, { query: SEQUENCES }, { key: acme.key })
        : overSocket(client, { query: SEQUENCES }),
    ),
  )
  const input = { integrationId: acme.integrationId, portalIds: acme.portalIds }
  const created = Promise.all(
    Array.from({ length: INVITES }, () => createInvite(server.store, viewer, input)),
  )
  const received = await Promise.all(subscribers.map((subscriber) => take(subscriber, INVITES)))
  await created
  const expected = range(1, INVITES)
  for (const deliveries of received) {
    expect(deliveries.map(({ data }) => data.invitationEvents.sequence)).toEqual(expected)
  }
})

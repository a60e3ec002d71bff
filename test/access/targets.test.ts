import { expect, test } from 'vitest'
import { followLog } from '#domain/follow.ts'
import { authenticate } from '#server/credentials.ts'
import { asker, CREATE_INVITE, invite } from '../kit/story.ts'
import { accept, codesOf, disconnect, neighbours, request } from './connecting.ts'
import { firstResult } from './stream.ts'

test('subscriptions with a target need its scope, and end with the connection', async () => {
  const { app, acme, other, forAcme } = await neighbours()
  const after = Buffer.from(`${acme.id}:0`).toString('base64url')
  const follow = () =>
    firstResult(
      app,
      `subscription ($after: String) { invitationEvents(after: $after) { sequence } }`,
      { after },
      forAcme,
    )
  expect(codesOf(await follow())).toEqual(['FORBIDDEN'])
  const plain = await request(app, other.key, acme.id)
  await accept(app, acme.key, plain.id)
  expect(codesOf(await follow())).toEqual(['NOT_FOUND'])
  await disconnect(app, acme.key, plain.id)

  const { id } = await request(app, other.key, acme.id)
  await accept(app, acme.key, id, ['EVENT_READ', 'INVITE_READ'])
  expect((await follow()).data.invitationEvents.sequence).toBe(1)
  const viewer = await authenticate(
    app.services,
    (name) => ({ authorization: `Bearer ${other.key}`, ...forAcme.headers })[name],
  )
  const events = await followLog(app.store, viewer, {})
  const refused = expect(events.next()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  await disconnect(app, acme.key, id)
  await invite(acme)
  await refused
})

test('an attempt on another organization stands in the records of the one who tried', async () => {
  const { app, acme, other, forAcme } = await neighbours()
  const { id } = await request(app, other.key, acme.id)
  await accept(app, acme.key, id)
  const latest = async (key: string) => {
    const { data } = await app.call(
      '{ organization { activities(first: 1) { edges { node { type status failure actor { __typename } } } } } }',
      {},
      { key },
    )
    return data.organization.activities.edges[0].node
  }
  const before = await latest(acme.key)
  const input = { integrationId: acme.integrationId, portalIds: acme.portalIds }
  expect(codesOf(await app.call(CREATE_INVITE, { input }, forAcme))).toEqual(['FORBIDDEN'])
  const failed = { type: 'CREATE_INVITE', status: 'FAILED', actor: { __typename: 'ApiKey' } }
  expect(await latest(other.key)).toEqual({ ...failed, failure: 'FORBIDDEN' })
  await app.call(CREATE_INVITE, { input }, { key: other.key })
  expect(await latest(other.key)).toEqual({ ...failed, failure: 'NOT_FOUND' })
  expect(await latest(acme.key)).toEqual(before)
  expect(await asker(app, acme.key)('{ organization { invites { totalCount } } }')).toEqual({
    organization: { invites: { totalCount: 2 } },
  })
})

import { expect, test } from 'vitest'
import type { Estate } from '../kit/estate.ts'
import {
  accept,
  attempt,
  codesOf,
  disconnect,
  NOTHING,
  neighbours,
  READ,
  readable,
  request,
} from './connecting.ts'

test('asked, accepted, used, ended: a connection lets each read the other’s portals and guest invitations', async () => {
  const { app, acme, other, forAcme, forOther } = await neighbours()
  const connection = await request(app, other.key, acme.id)
  expect(connection).toMatchObject({
    status: 'REQUESTED',
    acceptedAt: null,
    requestedBy: { id: other.id, name: 'Other' },
    requestedOf: { id: acme.id, name: null },
  })
  for (const options of [forAcme, forOther]) {
    expect(codesOf(await app.call(READ, {}, options))).toEqual(['FORBIDDEN'])
    expect(await readable(app, options)).toEqual(NOTHING)
  }
  expect(codesOf(await accept(app, other.key, connection.id))).toEqual([])
  expect((await accept(app, other.key, connection.id)).data.acceptOrganizationConnection.code).toBe(
    'CONFLICT',
  )

  const { data } = await accept(app, acme.key, connection.id)
  expect(data.acceptOrganizationConnection.connection).toMatchObject({
    status: 'CONNECTED',
    requestedBy: { id: other.id, name: 'Other' },
    requestedOf: { id: acme.id, name: 'Acme' },
    scopesGiven: [],
    scopesTaken: [],
  })
  expect(await readable(app, forAcme)).toEqual({ integrations: 1, guestInvitations: 2, invites: null })
  expect(await readable(app, forOther)).toEqual({ integrations: 1, guestInvitations: 2, invites: null })
  const { data: read } = await app.call(READ, {}, forAcme)
  expect(read.viewer).toMatchObject({ organization: { id: other.id }, target: { id: acme.id } })
  expect(read.organization).toMatchObject({
    id: acme.id,
    integrations: { edges: [{ node: { name: 'Headquarters', portals: { totalCount: 2 } } }] },
    guestInvitations: {
      edges: [/^away@/, /^guest@/].map((email) => ({ node: { email: expect.stringMatching(email) } })),
    },
  })

  expect((await disconnect(app, acme.key, connection.id)).data.disconnectOrganization).toEqual({
    disconnectedId: connection.id,
  })
  for (const options of [forAcme, forOther]) expect(await readable(app, options)).toEqual(NOTHING)
  expect((await disconnect(app, other.key, connection.id)).data.disconnectOrganization.code).toBe('NOT_FOUND')
})

test('a connection without scopes writes nothing; its scopes are what the giver said, and each way their own', async () => {
  const { app, acme, other, forAcme, forOther } = await neighbours()
  const write = (options: typeof forAcme, of: Estate, mutation: string) => attempt(app, mutation, of, options)
  const { id } = await request(app, other.key, acme.id, ['PORTAL_CREATE'])
  await accept(app, acme.key, id, ['INVITE_CREATE'])

  const scopes = `query ($id: ID!) { node(id: $id) { ... on OrganizationConnection { scopesGiven scopesTaken } } }`
  const side = async (key: string) => (await app.call(scopes, { id }, { key })).data?.node
  expect(await side(acme.key)).toEqual({ scopesGiven: ['INVITE_CREATE'], scopesTaken: ['PORTAL_CREATE'] })
  expect(await side(other.key)).toEqual({ scopesGiven: ['PORTAL_CREATE'], scopesTaken: ['INVITE_CREATE'] })

  expect((await write(forAcme, acme, 'createInvite')).data.found.__typename).toBe('CreateInvitePayload')
  expect(codesOf(await write(forAcme, acme, 'createPortal'))).toEqual(['FORBIDDEN'])
  expect((await write(forOther, other, 'createPortal')).data.found.__typename).toBe('CreatePortalPayload')
  expect(codesOf(await write(forOther, other, 'createInvite'))).toEqual(['FORBIDDEN'])
  for (const never of ['createGuestInvitation', 'createApiKey', 'createOrganization'] as const) {
    expect(codesOf(await write(forAcme, acme, never)), never).toEqual(['FORBIDDEN'])
  }
  // What is made in a call for another organization is that one's, or is not made.
  expect((await write(forAcme, other, 'createInvite')).data.found.__typename).toBe('NotFoundError')
})

test('scopes that no connection can give are refused', async () => {
  const { app, acme, other } = await neighbours()
  for (const scope of ['GUEST_INVITATION_CREATE', 'API_KEY_CREATE', 'ACTIVITY_READ', 'CONNECTION_ACCEPT']) {
    expect(await request(app, other.key, acme.id, [scope])).toMatchObject({ code: 'INVALID_INPUT' })
  }
})

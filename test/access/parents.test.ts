import { expect, test } from 'vitest'
import { type CallOptions, testApp } from '../kit/app.ts'
import { ACCEPT_GUEST_INVITATION, CREATE_GUEST_INVITATION, house } from '../kit/story.ts'
import { accept, codesOf, disconnect, NOTHING, neighbours, readable, request } from './connecting.ts'

test('a parent does in its child what it may at home, but for what is the child’s own; no other way', async () => {
  const app = await testApp()
  const above = await house(app, 'Above')
  const { createOrganization } = await above.ask(
    'mutation { createOrganization(input: { name: "Below" }) { ... on CreateOrganizationPayload { apiKey organization { id } } } }',
  )
  const child = { id: createOrganization.organization.id as string, key: createOrganization.apiKey as string }
  const forChild = { key: above.key, headers: { 'target-organization-id': child.id } }
  const create = (options: CallOptions) =>
    app.call(
      'mutation { createIntegration(input: { name: "Annex" }) { ... on CreateIntegrationPayload { integration { organization { id } } } } }',
      {},
      options,
    )
  expect((await create(forChild)).data.createIntegration.integration.organization.id).toBe(child.id)
  expect(codesOf(await app.call('{ organization { apiKeys { totalCount } } }', {}, forChild))).toEqual([
    'FORBIDDEN',
  ])
  expect(codesOf(await app.call('{ organization { activities { totalCount } } }', {}, forChild))).toEqual([
    'FORBIDDEN',
  ])
  const upwards = { key: child.key, headers: { 'target-organization-id': above.id } }
  expect(codesOf(await create(upwards))).toEqual(['FORBIDDEN'])

  // To be connected as well takes nothing away from the parent, and gives the child what connections give.
  const { id } = await request(app, child.key, above.id)
  await accept(app, above.key, id)
  expect(codesOf(await app.call('{ organization { invites { totalCount } } }', {}, forChild))).toEqual([])
  expect(await readable(app, upwards)).toEqual({ integrations: 1, guestInvitations: 0, invites: null })
})

test('who has accepted a guest invitation is connected, either way; ending it ends it, however often made', async () => {
  const { app, acme, other, forAcme, forOther } = await neighbours()
  const join = async (host: typeof acme, guest: typeof acme) => {
    const input = { email: `joins@${guest.id.slice(-6)}.example`, expiresAt: '2031-01-01T00:00:00Z' }
    const { createGuestInvitation } = await host.ask(CREATE_GUEST_INVITATION, { input })
    const { token } = createGuestInvitation
    await guest.ask(ACCEPT_GUEST_INVITATION, { input: { token, organizationName: 'x' } })
  }
  await join(acme, other)
  expect(await readable(app, forAcme)).toEqual({ integrations: 1, guestInvitations: 3, invites: null })
  expect(await readable(app, forOther)).toEqual({ integrations: 1, guestInvitations: 2, invites: null })
  await join(other, acme)
  const { organization: mine } = await acme.ask(
    '{ organization { connections { edges { node { id status } } } } }',
  )
  const [made] = mine.connections.edges.filter(
    ({ node }: { node: { status: string } }) => node.status === 'CONNECTED',
  )
  await disconnect(app, acme.key, made.node.id)
  for (const options of [forAcme, forOther]) expect(await readable(app, options)).toEqual(NOTHING)
})

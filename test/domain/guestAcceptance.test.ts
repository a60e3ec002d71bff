import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { ACCEPT_GUEST_INVITATION, asker, CREATE_GUEST_INVITATION, type House, house } from '../kit/story.ts'
import { DAY } from '../kit/time.ts'
import { connections, invited } from './hosting.ts'

test('a stranger’s acceptance makes the guest organization, its key, and the connection', async () => {
  const { app, acme, accept, id } = await invited()
  const accepted = await accept(asker(app), '  Analytical Engines ')
  expect(accepted).toMatchObject({
    organization: { name: 'Analytical Engines' },
    guestInvitation: {
      id,
      status: 'ACCEPTED',
      acceptedVia: 'GUEST',
      acceptedAt: new Date(app.time.now()).toISOString(),
      organization: { name: 'Acme' },
    },
  })
  const guest = asker(app, accepted.apiKey)
  expect(await guest(`{ organization { id name parent { id } } }`)).toEqual({
    organization: { id: accepted.organization.id, name: 'Analytical Engines', parent: null },
  })
  expect(await connections(app)).toEqual([{ host_id: acme.id, guest_id: accepted.organization.id }])
  const read = await acme.ask(`query ($id: ID!) { guestInvitation(id: $id) { status } }`, { id })
  expect(read.guestInvitation.status).toBe('ACCEPTED')
})

test('whoever accepts sees the host’s name, and nothing else of it', async () => {
  const { app, token } = await invited()
  const { data, errors } = await app.call(
    `mutation ($input: AcceptGuestInvitationInput!) { acceptGuestInvitation(input: $input) {
      ... on AcceptGuestInvitationPayload { guestInvitation { organization { name integrations { totalCount } } } }
    } }`,
    { input: { token, organizationName: 'Guests' } },
  )
  expect(errors.map((error) => error.extensions.code)).toEqual(['BAD_USER_INPUT'])
  expect(data).toBeNull()
  // Refused before the deed: the invitation, and the key that comes with it, are still to be had.
  const accepted = await app.call(ACCEPT_GUEST_INVITATION, { input: { token, organizationName: 'Guests' } })
  expect(accepted.data.acceptGuestInvitation.apiKey).toMatch(/^lk_key_/)
})

test('it is accepted once: also when two accept at the same time', async () => {
  const { app, accept } = await invited()
  const acceptedAt = new Date(app.time.now()).toISOString()
  const answers = await Promise.all([accept(asker(app), 'One'), accept(asker(app), 'Two')])
  expect(answers.map((answer) => answer.__typename).sort()).toEqual([
    'AcceptGuestInvitationPayload',
    'InvitationClosedError',
  ])
  app.time.advance(DAY)
  expect(await accept()).toMatchObject({ reason: 'ALREADY_ACCEPTED', closedAt: acceptedAt })
  const organizations = await app.store.db.selectFrom('organizations').select('name').execute()
  expect(organizations).toHaveLength(2)
})

test('accepting at the very instant of expiry is too late', async () => {
  const { app, accept, expiresAt } = await invited()
  app.time.advance(DAY)
  expect(await accept()).toMatchObject({ reason: 'EXPIRED', closedAt: expiresAt })
  const early = await invited()
  early.app.time.advance(DAY - 1)
  expect(await early.accept()).toHaveProperty('organization')
})

test('an archived one cannot be accepted; an unknown token belongs to nothing', async () => {
  const { app, accept, token, acme } = await invited()
  await app.store.write((tx) => tx.db.updateTable('guest_invitations').set({ archived_at: tx.now }).execute())
  expect(await accept()).toMatchObject({
    reason: 'ARCHIVED',
    closedAt: new Date(app.time.now()).toISOString(),
  })
  const stranger = asker(app)
  for (const unknown of ['', token.slice(0, -1), token.replace('guest', 'invite'), acme.key]) {
    const { acceptGuestInvitation } = await stranger(ACCEPT_GUEST_INVITATION, {
      input: { token: unknown, organizationName: 'Guests' },
    })
    expect(acceptGuestInvitation).toMatchObject({ code: 'NOT_FOUND' })
  }
})

test('below a parent the guest’s name must be free; elsewhere it need not be', async () => {
  const app = await testApp()
  const acme = await house(app)
  const invite = async (of: House, email: string, input: object) =>
    (
      await of.ask(CREATE_GUEST_INVITATION, {
        input: { email, expiresAt: new Date(app.time.now() + DAY).toISOString(), ...input },
      })
    ).createGuestInvitation
  const accept = async (token: string, organizationName: string) =>
    (await asker(app)(ACCEPT_GUEST_INVITATION, { input: { token, organizationName } })).acceptGuestInvitation

  const below = { parentOrganizationId: acme.id }
  const first = await invite(acme, '1@guest.example', below)
  const second = await invite(acme, '2@guest.example', below)
  const third = await invite(acme, '3@guest.example', {})
  const { organization } = await accept(first.token, 'Guests')
  const row = await app.store.db
    .selectFrom('organizations')
    .select('parent_id')
    .where('id', '=', organization.id)
    .executeTakeFirstOrThrow()
  expect(row.parent_id).toBe(acme.id)
  expect(await accept(second.token, ' GUESTS ')).toMatchObject({ issues: [{ path: ['organizationName'] }] })
  expect(await accept(second.token, 'Other guests')).toHaveProperty('apiKey')
  expect(await accept(third.token, 'Guests')).toHaveProperty('apiKey')

  const read = await acme.ask(`query ($id: ID!) { guestInvitation(id: $id) { parentOrganization { id } } }`, {
    id: first.guestInvitation.id,
  })
  expect(read.guestInvitation.parentOrganization).toEqual({ id: acme.id })
})

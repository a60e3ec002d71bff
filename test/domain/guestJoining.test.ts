import { expect, test } from 'vitest'
import { keyOf } from '../kit/app.ts'
import { ACCEPT_GUEST_INVITATION, CREATE_GUEST_INVITATION, house } from '../kit/story.ts'
import { connections, invited } from './hosting.ts'

test('with a key, the organization of the key joins, and gets no other key', async () => {
  const { app, acme, accept } = await invited()
  const other = await house(app, 'Other')
  expect(await accept(other.ask)).toMatchObject({
    apiKey: null,
    organization: { id: other.id, name: 'Other' },
  })
  expect(await connections(app)).toEqual([{ host_id: acme.id, guest_id: other.id }])
})

test('an organization that is connected already may accept again: there is one connection', async () => {
  const { app, acme, accept, expiresAt } = await invited()
  const other = await house(app, 'Other')
  await accept(other.ask)
  const { createGuestInvitation } = await acme.ask(CREATE_GUEST_INVITATION, {
    input: { email: 'eve@guest.example', expiresAt },
  })
  const again = await other.ask(ACCEPT_GUEST_INVITATION, {
    input: { token: createGuestInvitation.token, organizationName: 'Other' },
  })
  expect(again.acceptGuestInvitation.guestInvitation.status).toBe('ACCEPTED')
  expect(await connections(app)).toHaveLength(1)
})

test('the host itself cannot accept, nor a key that may not act for its organization', async () => {
  const { app, acme, accept, token } = await invited()
  expect(await accept(acme.ask)).toMatchObject({ issues: [{ path: ['token'] }] })
  const other = await house(app, 'Other')
  for (const role of ['ORG_VIEWER', 'ORG_MEMBER', 'PORTAL_ADMIN', 'GUEST'] as const) {
    const { key } = await keyOf(app, other.id, role)
    const { errors } = await app.call(
      ACCEPT_GUEST_INVITATION,
      { input: { token, organizationName: 'Other' } },
      { key },
    )
    expect(
      errors.map((error) => error.extensions.code),
      role,
    ).toEqual(['FORBIDDEN'])
  }
  expect(await connections(app)).toEqual([])
  expect(await accept()).toHaveProperty('organization')
})

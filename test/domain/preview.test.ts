import { expect, test } from 'vitest'
import { keyOf, testApp } from '../kit/app.ts'
import { dump } from '../kit/dump.ts'
import {
  ACCEPT_GUEST_INVITATION,
  ACCEPT_INVITE,
  asker,
  CREATE_GUEST_INVITATION,
  house,
  invite,
  REVOKE_INVITE,
} from '../kit/story.ts'
import { DAY, HOUR } from '../kit/time.ts'

const PREVIEW = `query ($token: String!) { invitationPreview(token: $token) {
  kind organizationName createdByName email status name portalNames usesRemaining
  validFrom expiresAt acceptable closedReason opensAt message { text }
} }`

async function looked() {
  const app = await testApp()
  const acme = await house(app)
  const stranger = asker(app)
  const look = async (token: string) => (await stranger(PREVIEW, { token })).invitationPreview
  const at = (ms: number) => new Date(app.time.now() + ms).toISOString()
  const asGuest = async (email: string, expiresAt = at(DAY)) =>
    (await acme.ask(CREATE_GUEST_INVITATION, { input: { email, expiresAt } })).createGuestInvitation
  return { app, acme, stranger, look, at, asGuest }
}

test('a token’s holder sees what it is for', async () => {
  const { app, acme, look, at } = await looked()
  const { token } = await invite(acme, {
    name: 'Summer party',
    maxUses: 3,
    inviteeMessage: [{ locale: 'en', text: 'Come in!' }],
  })
  expect(await look(token)).toEqual({
    kind: 'ACCESS',
    organizationName: 'Acme',
    createdByName: null,
    email: null,
    status: 'PENDING',
    name: 'Summer party',
    portalNames: ['Lobby', 'Garage'],
    usesRemaining: 3,
    validFrom: at(0),
    expiresAt: at(7 * DAY),
    acceptable: true,
    closedReason: null,
    opensAt: null,
    message: { text: 'Come in!' },
  })
  await app.store.write((tx) => tx.db.updateTable('api_keys').set({ name: 'Reception' }).execute())
  expect((await look(token)).createdByName).toBe('Reception')
})

test('looking consumes nothing and changes nothing, even what time has made due', async () => {
  const { app, acme, look, at, asGuest } = await looked()
  const { token } = await invite(acme, { maxUses: 1, expiresIn: '1h' })
  const guest = await asGuest('ada@guest.example', at(HOUR))
  await app.clock.stop()
  app.time.advance(2 * HOUR)
  const { rate_limits: _, ...before } = await dump(app)
  expect(before.invites).toHaveLength(1)
  for (let round = 0; round < 3; round++) {
    await look(token)
    await look(guest.token)
    await look('unknown')
  }
  expect(await dump(app)).toMatchObject(before)
})

test('a token that nobody was given is nothing, whatever it looks like', async () => {
  const { acme, stranger, look } = await looked()
  const { token } = await invite(acme)
  const { acceptInvite } = await stranger(ACCEPT_INVITE, { input: { token } })
  const others = ['', 'x', `${token}x`, token.slice(0, -1), token.replace('invite', 'guest'), acme.key]
  for (const other of [
    ...others,
    acceptInvite.grantToken,
    `lk_invite_${'A'.repeat(43)}`,
    `lk_other_${'A'.repeat(43)}`,
  ])
    expect(await look(other), other).toBeNull()
})

test('it says whether accepting would succeed, and accepting agrees, in every state', async () => {
  const { app, acme, stranger, look } = await looked()
  const check = async (token: string, expected: object) => {
    const { acceptable, closedReason, opensAt, status } = await look(token)
    expect({ acceptable, closedReason, opensAt, status }).toMatchObject(expected)
    const { acceptInvite } = await stranger(ACCEPT_INVITE, { input: { token } })
    expect(acceptInvite.reason ?? null).toBe(closedReason)
    expect(acceptInvite.opensAt ?? null).toBe(opensAt)
    expect(acceptInvite.__typename === 'AcceptInvitePayload').toBe(acceptable)
  }
  const { token, id, invite: made } = await invite(acme, { startsIn: '1h', expiresIn: '1h', maxUses: 1 })
  const closed = { acceptable: false, opensAt: null }
  await check(token, {
    ...closed,
    closedReason: 'NOT_YET_VALID',
    opensAt: made.validFrom,
    status: 'SCHEDULED',
  })
  app.time.advance(HOUR)
  await check(token, { acceptable: true, closedReason: null, opensAt: null, status: 'PENDING' })
  await check(token, { ...closed, closedReason: 'EXHAUSTED', status: 'EXHAUSTED' })
  app.time.advance(HOUR)
  await check(token, { ...closed, closedReason: 'EXPIRED', status: 'EXPIRED' })
  expect((await acme.ask(REVOKE_INVITE, { id })).revokeInvite).toMatchObject({ reason: 'EXPIRED' })

  const revoked = await invite(acme)
  await acme.ask(REVOKE_INVITE, { id: revoked.id })
  await check(revoked.token, { ...closed, closedReason: 'REVOKED', status: 'REVOKED' })
})

test('guests too, and their address is masked', async () => {
  const { app, look, stranger, asGuest } = await looked()
  const { token } = await asGuest('juliet.capulet@GUEST.example')
  expect(await look(token)).toMatchObject({
    kind: 'GUEST',
    organizationName: 'Acme',
    email: 'j***@guest.example',
    portalNames: [],
    message: null,
    usesRemaining: 1,
    acceptable: true,
  })
  expect((await look((await asGuest('é@guest.example')).token)).email).toBe('é***@guest.example')
  const archived = await asGuest('archived@guest.example')
  await app.store.write((tx) =>
    tx.db
      .updateTable('guest_invitations')
      .set({ archived_at: tx.now })
      .where('id', '=', archived.guestInvitation.id)
      .execute(),
  )
  const closed = { acceptable: false, usesRemaining: 0 }
  expect(await look(archived.token)).toMatchObject({ ...closed, closedReason: 'ARCHIVED', status: 'PENDING' })

  await stranger(ACCEPT_GUEST_INVITATION, { input: { token, organizationName: 'Capulet' } })
  expect(await look(token)).toMatchObject({ ...closed, closedReason: 'ALREADY_ACCEPTED', status: 'ACCEPTED' })
  app.time.advance(DAY)
  expect(await look(archived.token)).toMatchObject({ ...closed, closedReason: 'EXPIRED', status: 'EXPIRED' })
})

test('a preview is the same for a stranger and for a guest of any role', async () => {
  const { app, acme, look } = await looked()
  const { token } = await invite(acme)
  const { key } = await keyOf(app, acme.id, 'GUEST')
  expect((await asker(app, key)(PREVIEW, { token })).invitationPreview).toEqual(await look(token))
})

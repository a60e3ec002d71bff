import { expect, test } from 'vitest'
import type { TestApp } from '../kit/app.ts'
import { DAY, HOUR } from '../kit/time.ts'
import { hosts, READ_GUEST_INVITATION, REVOKE_GUEST_INVITATION } from './hosting.ts'

const archive = (app: TestApp, id: string) =>
  app.store.write((tx) =>
    tx.db.updateTable('guest_invitations').set({ archived_at: tx.now }).where('id', '=', id).execute(),
  )

test('an invitation is open until it expires, and says where its link is', async () => {
  const { acme, at, create } = await hosts()
  const made = await create(acme, 'ada@guest.example')
  expect(made).toMatchObject({
    replayed: false,
    inviteUrl: `https://latchkey.test/invite/${made.token}`,
    guestInvitation: { status: 'PENDING', expired: false, expiresAt: at(DAY), email: 'ada@guest.example' },
  })
})

test('addresses: kept with their domain in lower case, compared whatever their case and form', async () => {
  const { acme, create } = await hosts()
  const made = await create(acme, '  Ada.Lovelace@GUEST.Example ')
  expect(made.guestInvitation.email).toBe('Ada.Lovelace@guest.example')
  for (const same of ['ada.lovelace@guest.example', 'ADA.LOVELACE@GUEST.EXAMPLE'])
    expect(await create(acme, same), same).toMatchObject({ code: 'CONFLICT' })
  expect(await create(acme, 'jürgen@guest.example')).toHaveProperty('token')
  expect(await create(acme, 'JU\u0308RGEN@guest.example')).toMatchObject({ code: 'CONFLICT' })
})

test('an address has 3 to 100 characters, none of them half a character', async () => {
  const { acme, create } = await hosts()
  expect(await create(acme, 'a@b')).toHaveProperty('token')
  const longest = `${'a'.repeat(60)}@${'b'.repeat(31)}.example`
  expect(longest).toHaveLength(100)
  expect(await create(acme, longest)).toHaveProperty('token')
  expect(await create(acme, `b${longest}`)).toMatchObject({ issues: [{ path: ['email'] }] })
  expect(await create(acme, 'a\ud800da@guest.example')).toMatchObject({ issues: [{ path: ['email'] }] })
})

test('it must expire in the future', async () => {
  const { acme, at, create } = await hosts()
  for (const expiresAt of [at(0), at(-1)])
    expect(await create(acme, 'a@guest.example', { expiresAt })).toMatchObject({
      issues: [{ path: ['expiresAt'] }],
    })
  expect(await create(acme, 'a@guest.example', { expiresAt: at(1) })).toHaveProperty('token')
})

test('expired and archived are flags beside the status', async () => {
  const { app, acme, at, create } = await hosts()
  const { guestInvitation } = await create(acme, 'ada@guest.example', { expiresAt: at(HOUR) })
  const read = async () => (await acme.ask(READ_GUEST_INVITATION, { id: guestInvitation.id })).guestInvitation
  await archive(app, guestInvitation.id)
  expect(await read()).toMatchObject({ status: 'PENDING', expired: false, archived: true, archivedAt: at(0) })
  app.time.advance(HOUR - 1)
  expect(await read()).toMatchObject({ status: 'PENDING', expired: false })
  app.time.advance(1)
  expect(await read()).toMatchObject({ status: 'EXPIRED', expired: true, archived: true })
  expect(
    (await acme.ask(REVOKE_GUEST_INVITATION, { id: guestInvitation.id })).revokeGuestInvitation,
  ).toMatchObject({
    reason: 'EXPIRED',
    closedAt: at(0),
  })
})

test('an archived one can still be taken back', async () => {
  const { app, acme, create } = await hosts()
  const { guestInvitation } = await create(acme, 'ada@guest.example')
  await archive(app, guestInvitation.id)
  expect(
    (await acme.ask(REVOKE_GUEST_INVITATION, { id: guestInvitation.id })).revokeGuestInvitation,
  ).toMatchObject({
    guestInvitation: { status: 'REVOKED' },
  })
})

test('a revoked one stays revoked when its time has run out, and says so when revoked again', async () => {
  const { app, acme, at, create } = await hosts()
  const { guestInvitation } = await create(acme, 'ada@guest.example', { expiresAt: at(HOUR) })
  const { id } = guestInvitation
  const revokedAt = at(0)
  expect((await acme.ask(REVOKE_GUEST_INVITATION, { id })).revokeGuestInvitation.guestInvitation).toEqual({
    id,
    status: 'REVOKED',
    revokedAt,
  })
  app.time.advance(HOUR)
  expect((await acme.ask(READ_GUEST_INVITATION, { id })).guestInvitation).toMatchObject({
    status: 'REVOKED',
    expired: true,
  })
  expect((await acme.ask(REVOKE_GUEST_INVITATION, { id })).revokeGuestInvitation).toMatchObject({
    reason: 'REVOKED',
    closedAt: revokedAt,
  })
})

test('nobody invites for, or revokes of, another organization', async () => {
  const { acme, other, create } = await hosts()
  expect(await create(acme, 'a@guest.example', { organizationId: other.id })).toMatchObject({
    code: 'NOT_FOUND',
  })
  expect(await create(acme, 'a@guest.example', { parentOrganizationId: other.id })).toMatchObject({
    code: 'NOT_FOUND',
  })
  const { guestInvitation } = await create(acme, 'a@guest.example', { organizationId: acme.id })
  expect(
    (await other.ask(REVOKE_GUEST_INVITATION, { id: guestInvitation.id })).revokeGuestInvitation,
  ).toMatchObject({
    code: 'NOT_FOUND',
  })
  expect((await other.ask(READ_GUEST_INVITATION, { id: guestInvitation.id })).guestInvitation).toBeNull()
})

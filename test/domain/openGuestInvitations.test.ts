import { expect, test } from 'vitest'
import { HOUR } from '../kit/time.ts'
import { hosts, READ_GUEST_INVITATION, REVOKE_GUEST_INVITATION } from './hosting.ts'

test('one is open per host and address, even when twenty are sent at once; other hosts are free', async () => {
  const { acme, other, create } = await hosts()
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(acme, 'ada@guest.example')))
  const names = answers.map((answer) => answer.__typename)
  expect(names.filter((name) => name === 'CreateGuestInvitationPayload')).toHaveLength(1)
  expect(names.filter((name) => name === 'ConflictError')).toHaveLength(19)
  expect(await create(other, 'ada@guest.example')).toHaveProperty('token')
})

test('an expired or a revoked one never blocks a new one, whether or not the clock has seen it', async () => {
  const { app, acme, at, create } = await hosts()
  const first = await create(acme, 'ada@guest.example', { expiresAt: at(HOUR) })
  await app.clock.stop()
  app.time.advance(HOUR)
  const second = await create(acme, 'ada@guest.example')
  expect(second).toHaveProperty('token')
  const read = await acme.ask(READ_GUEST_INVITATION, { id: first.guestInvitation.id })
  expect(read.guestInvitation).toMatchObject({ status: 'EXPIRED', expired: true })

  await acme.ask(REVOKE_GUEST_INVITATION, { id: second.guestInvitation.id })
  expect(await create(acme, 'ada@guest.example')).toHaveProperty('token')
  const events = await app.store.db
    .selectFrom('invitation_events')
    .select('type')
    .orderBy('sequence')
    .execute()
  expect(events.map(({ type }) => type)).toEqual(['CREATED', 'EXPIRED', 'CREATED', 'REVOKED', 'CREATED'])
})

test('no more may be open than the limit; what expires or is revoked makes room', async () => {
  const { app, acme, other, at, create } = await hosts({ limits: { openInvitations: 2 } })
  const one = await create(acme, '1@guest.example', { expiresAt: at(HOUR) })
  await create(acme, '2@guest.example')
  expect(await create(acme, '3@guest.example')).toMatchObject({
    __typename: 'LimitReachedError',
    code: 'LIMIT_REACHED',
  })
  expect(await create(other, '3@guest.example')).toHaveProperty('token')
  await app.clock.stop()
  app.time.advance(HOUR)
  expect(await create(acme, '3@guest.example')).toHaveProperty('token')
  expect(await create(acme, '4@guest.example')).toMatchObject({ code: 'LIMIT_REACHED' })
  const { revokeGuestInvitation } = await acme.ask(REVOKE_GUEST_INVITATION, { id: one.guestInvitation.id })
  expect(revokeGuestInvitation).toMatchObject({ reason: 'EXPIRED' })
})

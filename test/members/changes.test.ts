import { expect, test } from 'vitest'
import { DAY, HOUR, WEEK } from '../kit/time.ts'
import { inviter, rowsIn } from './inviting.ts'

const email = 'ada@example.com'

test('what is given changes, what is left out stays, and null takes away what can be absent', async () => {
  const { app, invite, update, at } = await inviter()
  const { id } = await invite(email, { name: 'Ada', message: 'Hi', locale: 'de', tags: ['a'] })
  app.time.advance(HOUR)
  const terms = { name: 'Ada King', role: 'ORG_VIEWER', accessType: 'API', tags: [], expiresAt: at(DAY) }
  expect((await update({ id, ...terms })).memberInvitation).toMatchObject({
    ...{ ...terms, version: 2, message: 'Hi', locale: 'de', email },
  })
  const cleared = { name: null, message: null, locale: null }
  expect((await update({ id, ...cleared, tags: null, role: null })).memberInvitation).toMatchObject({
    ...{ ...terms, ...cleared, version: 3 },
  })
  app.time.advance(DAY)
  expect(await update({ id, expiresAt: at(DAY) })).toMatchObject({ reason: 'EXPIRED' })
})

test('a change that is meant for another version is refused, and shows how it is now', async () => {
  const { invite, update, resend, read } = await inviter()
  const { id } = await invite(email)
  const changes = await Promise.all(
    ['One', 'Two', 'Three'].map((name) => update({ id, name, expectedVersion: 1 })),
  )
  expect(changes.filter(({ memberInvitation }) => memberInvitation)).toHaveLength(1)
  const conflict = { code: 'CONFLICT', current: { __typename: 'MemberInvitation', id } }
  expect(changes.filter(({ code }) => code)).toMatchObject([conflict, conflict])
  expect(await resend({ id, expectedVersion: 1 })).toMatchObject(conflict)
  expect(await read(id)).toMatchObject({ version: 2 })
  expect(await update({ id, name: 'Four', expectedVersion: 2 })).toMatchObject({
    memberInvitation: { version: 3 },
  })
})

test('sent again: the link before works for another day', async () => {
  const { app, invite, resend, accept, at } = await inviter()
  const { id, token: first } = await invite(email)
  const bob = await invite('bob@example.com')
  app.time.advance(HOUR)
  const again = await resend({ id, sendEmail: true, expiresAt: at(2 * WEEK) })
  expect(again).toMatchObject({
    ...{ replayed: false, inviteUrl: `https://latchkey.test/invite/${again.token}` },
    memberInvitation: { version: 2, status: 'PENDING', lastSentAt: at(0), expiresAt: at(2 * WEEK) },
  })
  expect(again.token).not.toBe(first)
  expect(await rowsIn(app, 'mails')).toBe(1)
  await resend({ id: bob.id })
  app.time.advance(DAY - 1)
  expect(await accept({ token: bob.token })).toMatchObject({ __typename: 'AcceptMemberInvitationPayload' })
  app.time.advance(1)
  expect(await accept({ token: first })).toMatchObject({ code: 'NOT_FOUND' })
  expect(await accept({ token: again.token })).toMatchObject({ memberInvitation: { id } })
})

test('sent again, the links before end at once where that is wished, and with the first use of any', async () => {
  const { invite, resend, accept, signIn } = await inviter()
  const { id, token: first } = await invite(email)
  const { token: second } = await resend({ id })
  const { token: third } = await resend({ id, revokeOldLinks: true, idempotencyKey: 'once' })
  for (const token of [first, second]) expect(await accept({ token })).toMatchObject({ code: 'NOT_FOUND' })
  expect(await resend({ id, revokeOldLinks: true, idempotencyKey: 'once' })).toMatchObject({
    ...{ replayed: true, token: null, inviteUrl: null },
  })
  const { token: fourth } = await resend({ id })
  await accept({ token: fourth })
  expect(await accept({ token: third }, await signIn('x', null))).toMatchObject({
    reason: 'ALREADY_ACCEPTED',
  })
  expect(await resend({ id })).toMatchObject({ reason: 'ALREADY_ACCEPTED' })
})

test('what has expired opens again with a new end, where there is room for it', async () => {
  const { app, invite, resend, read, accept, at } = await inviter({ limits: { openInvitations: 1 } })
  const { id, token: old } = await invite(email)
  app.time.advance(WEEK)
  expect(await read(id)).toMatchObject({
    ...{ status: 'EXPIRED', viewerCanResend: { allowed: true }, viewerCanUpdate: { code: 'EXPIRED' } },
  })
  expect(await resend({ id })).toMatchObject({ issues: [{ path: ['expiresAt'] }] })
  const other = await invite('bob@example.com')
  expect(await resend({ id, expiresAt: at(DAY) })).toMatchObject({ code: 'LIMIT_REACHED' })
  await accept({ token: other.token })
  const again = await resend({ id, expiresAt: at(DAY) })
  expect(again.memberInvitation).toMatchObject({ status: 'PENDING', expiresAt: at(DAY) })

  app.time.advance(DAY)
  const second = await invite('Ada@example.com')
  const hindered = { viewerCanResend: { allowed: false, code: 'CONFLICT' } }
  expect(await read(id)).toMatchObject(hindered)
  expect(await resend({ id, expiresAt: at(DAY) })).toMatchObject({
    ...{ code: 'CONFLICT', current: { id: second.id } },
  })
  const { membership } = await accept({ token: second.token })
  expect(await read(id)).toMatchObject(hindered)
  expect(await resend({ id, expiresAt: at(DAY) })).toMatchObject({
    ...{ code: 'CONFLICT', current: { id: membership.id } },
  })
  expect(await accept({ token: old })).toMatchObject({ code: 'NOT_FOUND' })
})

test('what was taken back is not changed, sent or taken back again', async () => {
  const { invite, revoke, update, resend, at } = await inviter()
  const { id } = await invite(email)
  expect(await revoke(id)).toMatchObject({
    memberInvitation: {
      ...{ status: 'REVOKED', revokedAt: at(0), version: 2 },
      ...{ viewerCanResend: { allowed: false, code: 'REVOKED' }, viewerCanUpdate: { allowed: false } },
    },
  })
  const closed = { code: 'INVITATION_CLOSED', reason: 'REVOKED' }
  for (const answer of [await revoke(id), await update({ id }), await resend({ id })]) {
    expect(answer).toMatchObject(closed)
  }
})

import { expect, test } from 'vitest'
import { insertApiKey } from '#domain/apiKey.ts'
import { member } from '../identity/people.ts'
import { asker, CREATE_GUEST_INVITATION } from '../kit/story.ts'
import { HOUR, WEEK } from '../kit/time.ts'
import { inviter, rowsIn } from './inviting.ts'

test('an address is enough: a member for the web, for a week, by mail', async () => {
  const { app, acme, create, read, at } = await inviter()
  const made = await create({ email: ' Ada@EXAMPLE.com ', sendEmail: true })
  expect(made).toMatchObject({
    __typename: 'CreateMemberInvitationPayload',
    replayed: false,
    token: expect.stringMatching(/^lk_member_/),
    inviteUrl: `https://latchkey.test/invite/${made.token}`,
    memberInvitation: {
      ...{ status: 'PENDING', email: 'Ada@example.com', name: null, tags: [], locale: null, message: null },
      ...{ accessType: 'WEB', role: 'ORG_MEMBER', expiresAt: at(WEEK), version: 1 },
    },
  })
  const { id } = made.memberInvitation
  expect(await read(id)).toMatchObject({
    ...{ firstSentAt: at(0), lastSentAt: at(0), acceptedAt: null, declinedAt: null, membership: null },
    sender: { id: acme.keyId },
    viewerCanUpdate: { allowed: true },
    viewerCanResend: { allowed: true },
    viewerCanRevoke: { allowed: true },
  })
  const mails = await app.store.db.selectFrom('mails').selectAll().execute()
  expect(mails).toMatchObject([
    { template: 'member_invitation', email: 'Ada@example.com', invitation_id: id, actor_id: acme.keyId },
  ])
})

test('all that can be said is kept; without mail where none is wished', async () => {
  const { app, create, at } = await inviter()
  const said = {
    ...{ name: ' Ada King ', tags: ['night shift', 'Berlin'], accessType: 'ALL', role: 'PORTAL_ADMIN' },
    ...{ locale: 'de-CH', message: 'Bis bald!\nGrüße', expiresAt: at(HOUR) },
  }
  const made = await create({ email: 'ada@example.com', ...said })
  expect(made.memberInvitation).toMatchObject({ ...said, name: 'Ada King' })
  expect(await rowsIn(app, 'mails')).toBe(0)
  const refused = await create({
    ...{
      email: `x@${'y'.repeat(60)}.${'z'.repeat(40)}.example`,
      name: 'a\nb',
      tags: ['', 'x'.repeat(51)],
      message: ' ',
    },
  })
  expect(refused.issues.map(({ path }: { path: string[] }) => path.join('.'))).toEqual([
    ...['name', 'tags.0', 'tags.1', 'message', 'email'],
  ])
})

test('one may be open for an address: the error shows it, and what may be done', async () => {
  const { create, invite, revoke, resend, decline, app } = await inviter()
  const { id } = await invite('ada@example.com')
  const again = { email: 'ADA@Example.com' }
  const conflict = {
    ...{ code: 'CONFLICT', message: expect.stringMatching(/resend it, or revoke it/) },
    current: { __typename: 'MemberInvitation', id },
  }
  expect(await create(again)).toMatchObject(conflict)
  expect(await resend({ id })).toMatchObject({ __typename: 'ResendMemberInvitationPayload' })
  await revoke(id)
  const { token } = await invite(again.email)
  await decline({ token })
  const third = await invite(again.email)
  app.time.advance(WEEK)
  expect((await create(again)).memberInvitation.id).not.toBe(third.id)
})

test('a member’s own address is a conflict that shows the member; a former member’s is not', async () => {
  const { app, acme, create } = await inviter()
  await app.call('{ viewer { role } }', {}, { key: await app.provider.sign({ sub: 'ada' }) })
  const { membershipId, userId } = await member(app, acme.id, { name: 'ada' })
  await app.store.write(({ db }) =>
    db.updateTable('users').set({ email_key: 'ada@example.com' }).where('id', '=', userId).execute(),
  )
  expect(await create({ email: 'Ada@example.com' })).toMatchObject({
    ...{ code: 'CONFLICT', message: expect.stringMatching(/already a member/) },
    current: { __typename: 'Membership', id: membershipId },
  })
  await app.store.write(({ db }) => db.updateTable('memberships').set({ removed_at: 1 }).execute())
  expect(await create({ email: 'Ada@example.com' })).toMatchObject({ replayed: false })
})

test('nobody invites to a role that they, or the scopes of their key, could not give', async () => {
  const { app, acme, create } = await inviter()
  const { secret } = await app.store.write((tx) =>
    insertApiKey(tx, { organizationId: acme.id, role: 'ORG_ADMIN', scopes: ['memberInvitation:create'] }),
  )
  const faulty = (message: RegExp) => ({
    issues: [{ path: ['role'], message: expect.stringMatching(message) }],
  })
  const email = 'ada@example.com'
  expect(await create({ email, role: 'OPERATOR' })).toMatchObject(faulty(/cannot give the role OPERATOR/))
  expect(await create({ email }, secret)).toMatchObject(faulty(/scopes of your key.*ORG_MEMBER/))
  expect(await create({ email, role: 'GUEST' }, secret)).toMatchObject({ replayed: false })
})

test('guest and member invitations together are limited, and so are mails, with nothing left behind', async () => {
  const { app, acme, create, resend, read, at } = await inviter({
    limits: { openInvitations: 2, mailsPerRecipientAnHour: 1 },
  })
  const guest = { email: 'guest@example.com', expiresAt: at(HOUR), sendEmail: false }
  await asker(app, acme.key)(CREATE_GUEST_INVITATION, { input: guest })
  const { memberInvitation } = await create({ email: 'ada@example.com', sendEmail: true })
  expect(await create({ email: 'bob@example.com' })).toMatchObject({ code: 'LIMIT_REACHED' })
  expect(await resend({ id: memberInvitation.id, sendEmail: true })).toMatchObject({ code: 'RATE_LIMITED' })
  expect(await read(memberInvitation.id)).toMatchObject({ version: 1 })
  app.time.advance(HOUR)
  expect(await resend({ id: memberInvitation.id, sendEmail: true })).toMatchObject({ replayed: false })
  expect(await create({ email: 'Ada@example.com', sendEmail: true })).toMatchObject({ code: 'CONFLICT' })
  // The guest’s has expired, and leaves its place.
  expect(await create({ email: 'bob@example.com', sendEmail: true })).toMatchObject({ replayed: false })
  expect(await rowsIn(app, 'mails')).toBe(3)
})

test('the same call again shows the invitation, and no secret', async () => {
  const { app, create } = await inviter()
  const call = { email: 'ada@example.com', idempotencyKey: 'once' }
  const first = await create(call)
  expect(await create(call)).toMatchObject({
    ...{ replayed: true, token: null, inviteUrl: null, memberInvitation: { id: first.memberInvitation.id } },
  })
  expect(await create({ ...call, email: 'bob@example.com' })).toMatchObject({ code: 'CONFLICT' })
  expect(await rowsIn(app, 'member_invitations')).toBe(1)
})

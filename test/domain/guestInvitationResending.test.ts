import { expect, test } from 'vitest'
import type { Permission } from '#domain/access.ts'
import { insertApiKey } from '#domain/apiKey.ts'
import { newId } from '#domain/ids.ts'
import { addLink } from '#domain/links.ts'
import { documentOf } from '../kit/mutations.ts'
import { asker } from '../kit/story.ts'
import { DAY, HOUR } from '../kit/time.ts'
import { does, story } from './changing.ts'
import { hosts, REVOKE_GUEST_INVITATION } from './hosting.ts'

async function acmeInvites(input: object = {}, options: Parameters<typeof hosts>[0] = {}) {
  const made = await hosts(options)
  const { acme, app, at } = made
  const { guestInvitation, token } = await made.create(acme, 'ada@guest.example', {
    ...{ expiresAt: at(9 * DAY), sendEmail: false, ...input },
  })
  const { id } = guestInvitation
  const resend = (more: object = {}) =>
    does(acme.ask, 'resendGuestInvitation', { id, sendEmail: false, ...more })
  const accept = (link: string = token) =>
    does(asker(app), 'acceptGuestInvitation', { token: link, organizationName: 'Guests' })
  const preview = async (link: string = token) =>
    (
      await asker(app)('query ($token: String!) { invitationPreview(token: $token) { status acceptable } }', {
        token: link,
      })
    ).invitationPreview
  const mails = async () => (await app.store.db.selectFrom('mails').select('invitation_id').execute()).length
  return { ...made, id, token, resend, accept, preview, mails }
}

const OPEN = { status: 'PENDING', acceptable: true }

test('a new link; the old one works until 24 hours have passed, however often it is sent again', async () => {
  const { app, at, resend, accept, preview, token, id } = await acmeInvites()
  const mailed = await app.store.write((tx) => addLink(tx, 'guestInvitation', id))
  const sentAt = at(0)
  app.time.advance(HOUR)
  const again = await resend()
  expect(again).toMatchObject({
    ...{ inviteUrl: `https://latchkey.test/invite/${again.token}`, replayed: false },
    guestInvitation: {
      status: 'PENDING',
      version: 2,
      firstSentAt: sentAt,
      lastSentAt: at(0),
      expiresAt: at(9 * DAY - HOUR),
    },
  })
  app.time.advance(12 * HOUR)
  expect(await resend({ expectedVersion: 1 })).toMatchObject({ current: { version: 2 } })
  const third = await resend({ expiresAt: at(5 * DAY), expectedVersion: 2 })
  expect(third.guestInvitation).toMatchObject({ expiresAt: at(5 * DAY), version: 3 })
  app.time.advance(12 * HOUR - 60_000)
  for (const link of [token, mailed, again.token, third.token]) expect(await preview(link)).toEqual(OPEN)
  app.time.advance(60_000)
  for (const link of [token, mailed]) expect(await preview(link)).toBeNull()
  expect(await accept(token)).toMatchObject({ code: 'NOT_FOUND' })
  expect(await preview(again.token)).toEqual(OPEN)
  expect((await accept(again.token)).__typename).toBe('AcceptGuestInvitationPayload')
  expect(await accept(third.token)).toMatchObject({ reason: 'ALREADY_ACCEPTED' })
})

test('with revokeOldLinks, no older link works from then on, mailed ones neither', async () => {
  const { app, resend, accept, preview, token, id } = await acmeInvites()
  const mailed = await app.store.write((tx) => addLink(tx, 'guestInvitation', id))
  const second = await resend()
  expect(await preview(mailed)).toEqual(OPEN)
  const third = await resend({ revokeOldLinks: true })
  for (const link of [token, mailed, second.token]) expect(await preview(link)).toBeNull()
  expect(await accept(token)).toMatchObject({ code: 'NOT_FOUND' })
  expect((await accept(third.token)).__typename).toBe('AcceptGuestInvitationPayload')
})

test('an expired one is sent again with an end in the future only, and is open again then', async () => {
  const { app, acme, at, create, resend, accept, id } = await acmeInvites({
    expiresAt: '2030-01-01T01:00:00Z',
  })
  await app.clock.stop()
  app.time.advance(HOUR)
  expect(await resend()).toMatchObject({
    issues: [{ path: ['expiresAt'], message: expect.stringMatching(/expired/) }],
  })
  expect(await resend({ expiresAt: at(0) })).toMatchObject({ issues: [{ path: ['expiresAt'] }] })
  const other = await create(acme, 'ada@guest.example')
  expect(await resend({ expiresAt: at(HOUR) })).toMatchObject({ current: { id: other.guestInvitation.id } })
  await acme.ask(REVOKE_GUEST_INVITATION, { id: other.guestInvitation.id })
  const { token, guestInvitation } = await resend({ expiresAt: at(HOUR) })
  expect(guestInvitation).toMatchObject({ status: 'PENDING', expired: false })
  expect(await create(acme, 'ada@guest.example')).toMatchObject({ code: 'CONFLICT' })
  expect((await accept(token)).__typename).toBe('AcceptGuestInvitationPayload')
  expect(await story(app, id)).toEqual([
    ...['CREATED - > PENDING', 'EXPIRED PENDING > EXPIRED', 'UPDATED EXPIRED > PENDING'],
    'ACCEPTED PENDING > ACCEPTED',
  ])
})

test('what is accepted, revoked or archived is not sent again; nor anything of another organization', async () => {
  const { acme, other, create, accept, resend, id } = await acmeInvites()
  const again = (of: string) => does(acme.ask, 'resendGuestInvitation', { id: of })
  await accept()
  expect(await resend()).toMatchObject({ reason: 'ALREADY_ACCEPTED' })
  const revoked = (await create(acme, 'b@guest.example')).guestInvitation.id
  await acme.ask(REVOKE_GUEST_INVITATION, { id: revoked })
  expect(await again(revoked)).toMatchObject({ reason: 'REVOKED' })
  const archived = (await create(acme, 'c@guest.example')).guestInvitation.id
  await does(acme.ask, 'archiveGuestInvitation', { id: archived })
  expect(await again(archived)).toMatchObject({ reason: 'ARCHIVED' })
  expect(await does(other.ask, 'resendGuestInvitation', { id })).toMatchObject({ code: 'NOT_FOUND' })
})

test('mails: one for each sending unless suppressed, within the limits; what is refused sends and changes nothing', async () => {
  const { resend, mails, preview, token } = await acmeInvites({}, { limits: { mailsPerRecipientAnHour: 2 } })
  expect(await mails()).toBe(0)
  const sent = await resend({ sendEmail: true, idempotencyKey: 'once' })
  expect(await resend({ sendEmail: true, idempotencyKey: 'once' })).toMatchObject({
    ...{ replayed: true, token: null, inviteUrl: null, guestInvitation: { version: 2 } },
  })
  expect(await mails()).toBe(1)
  await resend({ sendEmail: true })
  const refused = await resend({ sendEmail: true, revokeOldLinks: true })
  expect(refused).toMatchObject({ code: 'RATE_LIMITED', message: expect.stringMatching(/sendEmail: false/) })
  for (const link of [token, sent.token]) expect(await preview(link)).toEqual(OPEN)
  expect((await resend()).guestInvitation.version).toBe(4)
  expect(await mails()).toBe(2)
})

test('a key is shown no link by which it could come to see more than it may', async () => {
  const { app, acme, at, id } = await acmeInvites()
  const connected = ['organization:read', 'integration:read', 'portal:read', 'guestInvitation:read'] as const
  const asks = async (scopes: readonly Permission[]) => {
    const key = { organizationId: acme.id, role: 'ORG_ADMIN', scopes } as const
    const { secret } = await app.store.write((tx) => insertApiKey(tx, key))
    const row = { email: `${newId('ApiKey')}@guest.example`, expiresAt: at(DAY) }
    const calls: [string, object][] = [
      ['createGuestInvitation', row],
      ['createGuestInvitations', { guestInvitations: [{ ...row, email: `b${row.email}` }] }],
      ['resendGuestInvitation', { id }],
    ]
    const answers: string[] = []
    for (const [mutation, input] of calls) {
      const { data, errors } = await app.call(documentOf(mutation), { input }, { key: secret })
      answers.push(errors[0]?.message ?? data[mutation].__typename)
    }
    return answers
  }
  const own = ['guestInvitation:create', 'guestInvitation:update'] as const
  for (const lacking of connected) {
    const rest = connected.filter((permission) => permission !== lacking)
    expect(new Set(await asks([...own, ...rest]))).toEqual(
      new Set([`The scopes of this key do not allow ${lacking}.`]),
    )
  }
  for (const answer of await asks([...own, ...connected])) expect(answer).toMatch(/Payload$/)
})

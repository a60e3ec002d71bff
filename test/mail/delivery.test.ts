import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { queueMail } from '#domain/mail.ts'
import { hosts, REVOKE_GUEST_INVITATION } from '../domain/hosting.ts'
import { courier, mailServer, outbox, type Received, soon, tokenIn } from '../kit/mailServer.ts'
import { ACCEPT_GUEST_INVITATION, asker } from '../kit/story.ts'
import { DAY } from '../kit/time.ts'

const DELIVERY = `query ($id: ID!) { guestInvitation(id: $id) {
  status delivery { state attempts queuedAt sentAt lastError nextAttemptAt }
} }`

async function post() {
  const server = await mailServer()
  const started = await hosts()
  const arrived = async (count: number) => {
    await soon(() => expect(server.received.length).toBeGreaterThanOrEqual(count))
    expect(server.received).toHaveLength(count)
    return server.received
  }
  const settled = () =>
    soon(async () => {
      const mails = await outbox(started.app)
      expect(mails.filter((mail) => mail.state === 'QUEUED')).toEqual([])
      return mails
    })
  return { server, arrived, settled, ...started }
}

const header = (mail: Received | undefined, key: string) =>
  mail?.headers.filter((each) => each.key === key).map(({ value }) => value)

test('an invitation arrives once, in both parts, and its link can be looked at and accepted', async () => {
  const { app, acme, server, arrived, settled, create } = await post()
  const made = await create(acme, 'Ada@Guest.example', { message: 'See you soon.\nAda' })
  courier(app, server)
  const [mail] = await arrived(1)
  await settled()

  expect(mail?.recipient).toBe('Ada@guest.example')
  expect(mail?.from).toEqual({ name: 'Latchkey', address: 'no-reply@latchkey.test' })
  expect(mail?.to).toEqual([{ name: '', address: 'Ada@guest.example' }])
  expect(mail?.replyTo).toBeUndefined()
  expect(mail?.subject).toBe('Acme invites you as a guest')
  const [row] = await outbox(app)
  expect(mail?.messageId).toBe(`<${row?.id}@latchkey.test>`)
  expect(header(mail, 'auto-submitted')).toEqual(['auto-generated'])
  expect(header(mail, 'content-language')).toEqual(['en'])
  expect(mail?.text).toContain('> See you soon.\n> Ada\n')
  expect(mail?.text).toContain('open until January 2, 2030 at 12:00 AM UTC')
  expect(mail?.html).toMatch(/^<!doctype html>\s*<html lang="en" dir="ltr">/)
  const mailed = tokenIn(mail ?? {}) ?? ''
  expect(mailed).not.toBe(made.token)
  expect(mail?.html?.match(/href="[^"]*"/g)).toEqual([`href="https://latchkey.test/invite/${mailed}"`])

  for (const token of [mailed, made.token]) {
    const preview = await asker(app)(
      `query ($token: String!) { invitationPreview(token: $token) { status email } }`,
      {
        token,
      },
    )
    expect(preview.invitationPreview).toEqual({ status: 'PENDING', email: 'A***@guest.example' })
  }
  const { acceptGuestInvitation } = await asker(app)(ACCEPT_GUEST_INVITATION, {
    input: { token: mailed, organizationName: 'Guests' },
  })
  expect(acceptGuestInvitation.guestInvitation.status).toBe('ACCEPTED')
})

test('what becomes of it is told on the invitation and in the log', async () => {
  const { app, acme, server, arrived, settled, create } = await post()
  const { guestInvitation } = await create(acme, 'ada@guest.example')
  const { id } = guestInvitation
  const waiting = { attempts: 0, sentAt: null, lastError: null }
  const now = '2030-01-01T00:00:00.000Z'
  expect((await acme.ask(DELIVERY, { id })).guestInvitation.delivery).toEqual({
    ...{ ...waiting, state: 'QUEUED', queuedAt: now, nextAttemptAt: now },
  })
  courier(app, server)
  await arrived(1)
  await settled()
  expect((await acme.ask(DELIVERY, { id })).guestInvitation.delivery).toEqual({
    ...{ state: 'SENT', attempts: 1, queuedAt: now, sentAt: now, lastError: null, nextAttemptAt: null },
  })
  const { organization } = await acme.ask(
    '{ organization { invitationEvents { edges { node { type status previousStatus actor { __typename } } } } } }',
  )
  const events = organization.invitationEvents.edges.map(({ node }: { node: object }) => node)
  expect(events).toMatchObject([
    { type: 'CREATED' },
    { type: 'SENT', status: 'PENDING', previousStatus: 'PENDING', actor: null },
  ])
})

test('many invitations and their deliveries are read by one statement more', async () => {
  const { app, acme, create } = await post()
  for (const name of ['a', 'b', 'c']) await create(acme, `${name}@guest.example`)
  app.statements.length = 0
  const { organization } = await acme.ask(
    '{ organization { guestInvitations { edges { node { email delivery { state } } } } } }',
  )
  expect(organization.guestInvitations.edges).toHaveLength(3)
  expect(app.statements.filter((statement) => statement.includes('mails'))).toHaveLength(1)
})

test('sendEmail: false sends nothing; a mail is read in the language asked for, or one near it', async () => {
  const { app, acme, server, arrived, create } = await post()
  const silent = await create(acme, 'no@guest.example', { sendEmail: false })
  expect(silent.token).toMatch(/^lk_guest_/)
  const wishes = { 'de-CH': 'de', 'ar-EG': 'ar', 'fr-CA': 'fr', es: 'es', sw: 'en', en: 'en' }
  for (const wish of Object.keys(wishes)) await create(acme, `${wish}@guest.example`, { locale: wish })
  courier(app, server)
  const mails = await arrived(Object.keys(wishes).length)
  for (const [wish, locale] of Object.entries(wishes)) {
    const mail = mails.find(({ recipient }) => recipient === `${wish}@guest.example`)
    expect(header(mail, 'content-language')).toEqual([locale])
    expect(mail?.html).toContain(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}">`)
  }
  expect((await acme.ask(DELIVERY, { id: silent.guestInvitation.id })).guestInvitation.delivery).toBeNull()
  expect(new Set(mails.map(({ subject }) => subject)).size).toBe(5)
})

test('a folder overrides templates, adds languages and changes the layout', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-templates-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const lines = (subject: string) => `${subject}: {{ organization }}\n\n[Go]\n\n{{ inviter }}{{ message }}`
  await writeFile(join(folder, 'guest_invitation.en.liquid'), lines('Ours'))
  await writeFile(join(folder, 'guest_invitation.nl.liquid'), lines('Uitnodiging'))
  await writeFile(join(folder, 'layout.html.liquid'), '<p>{{ subject }}</p><a href="{{ link }}">ours</a>')
  const { app, acme, server, arrived, create } = await post()
  await create(acme, 'en@guest.example')
  await create(acme, 'nl@guest.example', { locale: 'nl-BE' })
  await create(acme, 'de@guest.example', { locale: 'de' })
  courier(app, server, { folder })
  const mails = await arrived(3)
  const subjects = Object.fromEntries(mails.map(({ recipient, subject }) => [recipient.slice(0, 2), subject]))
  expect(subjects).toEqual({ en: 'Ours: Acme', nl: 'Uitnodiging: Acme', de: 'Acme lädt Sie als Gast ein' })
  expect(mails[0]?.html).toMatch(
    /^<p>.*<\/p><a href="https:\/\/latchkey.test\/invite\/lk_guest_[\w-]{43}">ours<\/a>/,
  )
})

test('what is closed before it is sent is not sent, and that is said', async () => {
  const { app, acme, server, settled, create } = await post()
  const { guestInvitation } = await create(acme, 'revoked@guest.example')
  await acme.ask(REVOKE_GUEST_INVITATION, { id: guestInvitation.id })
  await create(acme, 'late@guest.example')
  await create(acme, 'put-away@guest.example', { expiresAt: '2031-01-01T00:00:00Z' })
  await app.store.write(({ db, now }) =>
    db
      .updateTable('guest_invitations')
      .set({ archived_at: now })
      .where('email', 'like', 'put-away%')
      .execute(),
  )
  app.time.advance(DAY)
  courier(app, server)
  const mails = await settled()
  expect(mails.map(({ state, attempts, last_error }) => [state, attempts, last_error])).toEqual([
    ['FAILED', 0, 'Not sent. This invitation was revoked.'],
    ['FAILED', 0, 'Not sent. This invitation has expired.'],
    ['FAILED', 0, 'Not sent. This invitation has been archived.'],
  ])
  const { delivery } = (await acme.ask(DELIVERY, { id: guestInvitation.id })).guestInvitation
  expect(delivery).toMatchObject({ state: 'FAILED', nextAttemptAt: null })
  expect(server.received).toEqual([])
})

test('nothing is sent before its transaction is durable, and nothing of one that is undone', async () => {
  const { app, acme, server, arrived, settled } = await post()
  courier(app, server)
  const mail = { organizationId: acme.id, template: 'welcome_member', locale: 'fr' } as const
  const undone = app.store.write(async (tx) => {
    await queueMail(tx, { ...mail, email: 'undone@guest.example' })
    throw new Error('undone')
  })
  await expect(undone).rejects.toThrow('undone')
  await app.store.write(async (tx) => {
    await queueMail(tx, { ...mail, email: 'kept@guest.example' })
    await delay(50)
    expect(server.received).toEqual([])
  })
  const [kept] = await arrived(1)
  await settled()
  expect(kept).toMatchObject({ recipient: 'kept@guest.example', subject: 'Bienvenue chez Acme' })
  expect(kept?.html).toContain('href="https://latchkey.test"')
})

test('of an invitation that is sent again while its mail waits, only the later mail arrives', async () => {
  const { app, acme, server, arrived, settled, create } = await post()
  const { guestInvitation } = await create(acme, 'ada@guest.example')
  const { resendGuestInvitation } = await acme.ask(
    `mutation ($id: ID!) { resendGuestInvitation(input: { id: $id, revokeOldLinks: true }) {
      ... on ResendGuestInvitationPayload { guestInvitation { delivery { state } } } } }`,
    { id: guestInvitation.id },
  )
  expect(resendGuestInvitation.guestInvitation.delivery.state).toBe('QUEUED')
  courier(app, server)
  await arrived(1)
  expect((await settled()).map(({ state, last_error }) => [state, last_error])).toEqual([
    ['FAILED', 'Not sent. A later one takes its place.'],
    ['SENT', null],
  ])
  const { invitation } = await acme.ask(
    `query ($id: ID!) { invitation: guestInvitation(id: $id) { timeline { edges { node { type detail } } } } }`,
    { id: guestInvitation.id },
  )
  const types = invitation.timeline.edges.map(({ node }: { node: { type: string } }) => node.type)
  expect(types.sort()).toEqual(['CREATED', 'MAIL_FAILED', 'MAIL_QUEUED', 'MAIL_QUEUED', 'SENT', 'UPDATED'])
})

import { expect, test } from 'vitest'
import { hosts } from '../domain/hosting.ts'
import { organization } from '../kit/app.ts'
import { composer, outbox, tokenIn } from '../kit/mailServer.ts'
import { ACCEPT_GUEST_INVITATION, asker } from '../kit/story.ts'
import { SECOND } from '../kit/time.ts'

const at = (path: string, init?: RequestInit) => new Request(`http://latchkey.test${path}`, init)

async function box() {
  const started = await hosts({ mailbox: composer() })
  const page = async (path: string) => {
    const response = await started.app.fetch(at(path))
    return { status: response.status, headers: response.headers, html: await response.text() }
  }
  return { ...started, page }
}

const plain = (html: string) =>
  html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

test('what waits is listed, newest first, and each is shown with a link that works', async () => {
  const { app, acme, create, page } = await box()
  expect((await page('/dev/mail')).html).toContain('Nothing waits')
  await create(acme, 'first@guest.example', { message: 'Hello <b>' })
  app.time.advance(SECOND)
  await create(acme, 'second@guest.example', { locale: 'de' })
  const { html } = await page('/dev/mail')
  const rows = html.match(/<tr>[\s\S]*?<\/tr>/g)?.map((row) => plain(row).trim().split(/\n\s*/))
  expect(rows?.slice(1)).toEqual([
    ['second@guest.example', 'Acme lädt Sie als Gast ein', '2030-01-01 00:00:01 UTC'],
    ['first@guest.example', 'Acme invites you as a guest', '2030-01-01 00:00:00 UTC'],
  ])
  const [, first = ''] = html.match(/href="(\/dev\/mail\/[\w-]+)"/g)?.map((link) => link.slice(6, -1)) ?? []

  const mail = await page(first)
  const again = await page(first)
  const [shown, shownAgain] = [mail, again].map((each) => tokenIn({ text: each.html }))
  expect(shown).toMatch(/^lk_guest_/)
  expect(shownAgain).not.toBe(shown)
  expect(mail.html).toContain('srcdoc="&lt;!doctype html&gt;')
  expect(mail.html).not.toContain('Hello <b>')
  expect(mail.html.match(/<iframe[^>]*sandbox="([^"]*)"/)?.[1]).not.toMatch(/script|same-origin/)
  expect(plain(mail.html)).toContain('> Hello <b>')
  const { acceptGuestInvitation } = await asker(app)(ACCEPT_GUEST_INVITATION, {
    input: { token: shown, organizationName: 'Guests' },
  })
  expect(acceptGuestInvitation.guestInvitation.status).toBe('ACCEPTED')
  // Nothing would be sent of what is accepted.
  const left = (await page('/dev/mail')).html
  expect(left).toContain('second@guest.example')
  expect(left).not.toContain('first@guest.example')
  expect((await page(first)).status).toBe(404)
  expect((await outbox(app)).map(({ state, attempts }) => [state, attempts])).toEqual([
    ['QUEUED', 0],
    ['QUEUED', 0],
  ])
})

test('its pages run nothing, load nothing, and stay nowhere', async () => {
  const { app, acme, create, page } = await box()
  await create(acme, 'first@guest.example')
  const [mail] = await outbox(app)
  for (const path of ['/dev/mail', `/dev/mail/${mail?.id}`, '/dev/mail/nothing']) {
    const { html, headers, status } = await page(path)
    expect(status).toBe(path.endsWith('nothing') ? 404 : 200)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    })
    expect(html).toContain('<meta name="robots" content="noindex">')
    expect(html).not.toMatch(/<script|\son\w+=|<link|\ssrc=/i)
  }
})

test('what strangers wrote is text there too', async () => {
  const { app, page } = await box()
  const hostile = "<script>alert(1)</script>\"onload='x' & <iframe>"
  const { id, keyId } = await organization(app, hostile)
  await app.store.write(async ({ db, now }) => {
    const mail = { organization_id: id, actor_id: keyId, locale: null, email: `"<b>${hostile}"@x.example` }
    const state = { state: 'QUEUED', attempts: 0, due_at: now, created_at: now }
    await db
      .insertInto('mails')
      .values({ ...mail, ...state, id: 'mail', template: 'welcome_guest', email_key: 'x' })
      .execute()
  })
  for (const path of ['/dev/mail', '/dev/mail/mail']) {
    const { html } = await page(path)
    const tags = new Set([...html.matchAll(/<\/?([a-z]+)/g)].map(([, tag]) => tag))
    expect(tags).not.toContain('script')
    expect(tags).not.toContain('b')
    expect(html.match(/<iframe/g)?.length ?? 0).toBe(path.endsWith('mail/mail') ? 1 : 0)
    expect(html).toContain('&lt;script&gt;')
  }
})

test('without a mailbox there is no such page, nor by another method', async () => {
  const { app } = await hosts()
  expect((await app.fetch(at('/dev/mail'))).status).toBe(404)
  const { app: open } = await box()
  expect((await open.fetch(at('/dev/mail', { method: 'POST' }))).status).toBe(404)
  expect((await open.fetch(at('/dev/mailer'))).status).toBe(404)
})

import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { type TestApp, testApp, testDatabase } from '../kit/app.ts'
import { CREATE_GUEST_INVITATION, type House, house, invite, REVOKE_INVITE } from '../kit/story.ts'
import { DAY } from '../kit/time.ts'
import { visitor, wordsOf } from './visitor.ts'

const revoke = (of: House, id: string) => of.ask(REVOKE_INVITE, { id })

async function guestInvitation(of: House, email: string, input: object = {}) {
  const { createGuestInvitation } = await of.ask(CREATE_GUEST_INVITATION, {
    input: { email, expiresAt: '2030-01-05T00:00:00Z', sendEmail: false, ...input },
  })
  return {
    id: createGuestInvitation.guestInvitation.id as string,
    token: createGuestInvitation.token as string,
  }
}

async function shown(app: TestApp, path: string, locale = 'en') {
  const response = await visitor(app, { 'accept-language': locale }).get(path)
  return { status: response.status, text: wordsOf(await response.text()), response }
}

test('an open invitation says who invites, to what, from when to when, how often, and has one button', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { token } = await invite(acme, {
    name: 'Year-end celebration',
    maxUses: 3,
    inviteeMessage: [
      { locale: 'en', text: 'Welcome!\nBring a coat.' },
      { locale: 'de', text: 'Willkommen!' },
    ],
  })
  const { status, text, response } = await shown(app, `/invite/${token}`)
  expect(status).toBe(200)
  expect(text).toContain('Acme invites you Year-end celebration')
  expect(text).toContain('Welcome! Bring a coat. You can open these doors: Lobby Garage')
  expect(text).toContain('From Tuesday, January 1, 2030 at 12:00 AM UTC')
  expect(text).toContain('Until Tuesday, January 8, 2030 at 12:00 AM UTC')
  expect(text).toContain('Uses left 3 Add to calendar Your name (optional) Accept')
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
    'content-security-policy':
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  })

  const html = await visitor(app, { 'accept-language': 'de-CH, fr;q=0.5' }).text(`/invite/${token}`)
  expect(html).toContain('<html lang="de" dir="ltr">')
  expect(wordsOf(html)).toContain('Acme lädt Sie ein')
  expect(html).toContain('lang="de">Willkommen!</blockquote>')
  expect(html.match(/<button/g)).toHaveLength(1)
  expect(html).not.toMatch(/<script>|<style|style=|\son\w+=|https?:\/\//)
})

test('every state of an access invite has its page and its status', async () => {
  const app = await testApp()
  const acme = await house(app)
  const [later, once, revoked, brief] = await Promise.all([
    invite(acme, { startsIn: '2d', expiresIn: '1w' }),
    invite(acme, { maxUses: 1, expiresIn: '1w' }),
    invite(acme),
    invite(acme, { expiresIn: '1h' }),
  ])
  const mine = visitor(app)
  await mine.submit(`/invite/${once.token}`)
  await revoke(acme, revoked.id)
  app.time.advance(DAY)

  const states = {
    [later.token]: [200, 'Not open yet'],
    [once.token]: [410, 'Used up'],
    [revoked.token]: [410, 'Taken back Acme has taken this invitation back.'],
    [brief.token]: [410, 'Expired'],
    [`${later.token}x`]: [404, 'Nothing here'],
    unknown: [404, 'Nothing here'],
  } as const
  for (const [token, [status, text]] of Object.entries(states)) {
    const page = await shown(app, `/invite/${token}`)
    expect([page.status, page.text]).toEqual([status, expect.stringContaining(text)])
    expect(page.text).not.toContain('Accept ')
  }
  // Who is in stays in.
  expect((await mine.get(`/invite/${once.token}`)).status).toBe(200)
  expect(wordsOf(await mine.text(`/invite/${once.token}`))).toContain('Your doors')
})

test('every state of a guest invitation has its page and its status', async () => {
  const app = await testApp()
  const acme = await house(app)
  const [open, accepted, taken, late, away] = await Promise.all([
    guestInvitation(acme, 'open@example.com', { message: 'Be our guest.' }),
    guestInvitation(acme, 'accepted@example.com'),
    guestInvitation(acme, 'taken@example.com'),
    guestInvitation(acme, 'late@example.com', { expiresAt: '2030-01-01T01:00:00Z' }),
    guestInvitation(acme, 'away@example.com'),
  ])
  await visitor(app).submit(`/invite/${accepted.token}`, { organizationName: 'Guests Ltd' })
  await acme.ask(`mutation ($id: ID!) { revokeGuestInvitation(input: { id: $id }) { __typename } }`, {
    id: taken.id,
  })
  await app.store.write((tx) =>
    tx.db.updateTable('guest_invitations').set({ archived_at: tx.now }).where('id', '=', away.id).execute(),
  )
  app.time.advance(DAY)

  const states = {
    [open.token]: [200, 'Acme invites you'],
    [accepted.token]: [200, 'Accepted'],
    [taken.token]: [410, 'Taken back'],
    [late.token]: [410, 'Expired'],
    [away.token]: [410, 'Put away'],
  } as const
  for (const [token, [status, text]] of Object.entries(states)) {
    const page = await shown(app, `/invite/${token}`)
    expect([page.status, page.text]).toEqual([status, expect.stringContaining(text)])
  }
  const { text } = await shown(app, `/invite/${open.token}`)
  expect(text).toContain('Be our guest. Your organization can join Acme as its guest.')
  expect(text).toContain('The name of your organization Sent to o***@example.com Accept')
  expect(text).not.toContain('Add to calendar')
})

test('an invitation that is revoked or restored while it is one’s own says so', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { id, token } = await invite(acme)
  const mine = visitor(app)
  await mine.submit(`/invite/${token}`)
  await revoke(acme, id)
  const response = await mine.get(`/invite/${token}`)
  expect([response.status, wordsOf(await response.text())]).toEqual([
    410,
    expect.stringContaining('Taken back'),
  ])
})

test('who tries too many unknown links is told how long to wait, in their language', async () => {
  const app = await testApp()
  const { token } = await invite(await house(app))
  const guesser = visitor(app, { 'accept-language': 'es' })
  for (let guess = 0; guess < 10; guess++) {
    expect((await guesser.get(`/invite/lk_invite_${String(guess).padEnd(43, 'x')}`)).status).toBe(404)
  }
  const response = await guesser.get(`/invite/${token}`)
  expect(response.status).toBe(429)
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(wordsOf(await response.text())).toMatch(/Demasiados intentos Espere \d+ segundos/)
  const accepting = await guesser.post(`/invite/${token}`, { nonce: 'n'.repeat(43) })
  expect([accepting.status, accepting.headers.has('retry-after')]).toEqual([429, true])
})

test('the five languages have pages of their own, Arabic from right to left', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { token } = await invite(acme, { maxUses: 2 })
  const buttons = { en: 'Accept', de: 'Annehmen', es: 'Aceptar', fr: 'Accepter', ar: 'قبول' }
  for (const [locale, button] of Object.entries(buttons)) {
    const html = await visitor(app, { 'accept-language': `${locale}, *;q=0.1` }).text(`/invite/${token}`)
    expect(html).toContain(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}">`)
    expect(html).toContain(`>${button}</button>`)
    expect(html).not.toMatch(/\{\w+\}|undefined|\[object/)
  }
  const { text } = await shown(app, `/invite/${token}`, 'xx-YY')
  expect(text).toContain('Accept')
})

test('a fault of ours is a page too, with the id of the request, and no log line holds the link', async () => {
  const database = await testDatabase()
  const app = await testApp({ database })
  const { token } = await invite(await house(app))
  await sql`drop table invite_portals`.execute(database.writer)
  const response = await visitor(app, { 'x-client-request-id': 'request-1234' }).get(`/invite/${token}`)
  const text = wordsOf(await response.text())
  expect([response.status, text]).toEqual([500, expect.stringContaining('Something went wrong')])
  expect(text).toContain('Request request-1234 Back to the invitation')
  expect(app.logged.join()).toContain('request-1234')
  expect(app.logged.join()).not.toContain(token)
  expect(text).not.toMatch(/invite_portals|SQLITE/i)
})

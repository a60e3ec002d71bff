import axe from 'axe-core'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type IdentityApp, identityApp, person } from '../identity/people.ts'
import { testApp } from '../kit/app.ts'
import { cutNetwork, openBrowser } from '../kit/browser.ts'
import { joinLink } from '../kit/estate.ts'
import { startServer } from '../kit/server.ts'
import {
  CREATE_GUEST_INVITATION,
  CREATE_MEMBER_INVITATION,
  type House,
  house,
  invite,
  REVOKE_INVITE,
} from '../kit/story.ts'
import { DAY } from '../kit/time.ts'
import { visitor } from './visitor.ts'

let opened: Awaited<ReturnType<typeof openBrowser>>
// The first run on a machine unpacks the browser.
beforeAll(async () => {
  opened = await openBrowser()
}, 60_000)
afterAll(() => opened.close())

async function openContext(url: string, options: BrowserContextOptions = {}) {
  const context = await opened.browser.newContext({ viewport: { width: 360, height: 740 }, ...options })
  onTestFinished(() => context.close())
  const foreign = await cutNetwork(context, url)
  const complaints: string[] = []
  context.on('page', (page) => {
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      // That an invitation is gone comes as a status too.
      if (message.type() === 'error' && !message.text().includes('410')) complaints.push(message.text())
    })
  })
  onTestFinished(() => {
    expect(foreign).toEqual([])
    expect(complaints).toEqual([])
  })
  return context
}

async function hosting() {
  const server = await startServer()
  const acme = await house(server as never, 'Acme House')
  const usesOf = async (id: string) =>
    (await acme.ask('query ($id: ID!) { invite(id: $id) { uses } }', { id })).invite.uses as number
  return { server, acme, usesOf }
}

const heading = (page: Page, text: string) => page.getByRole('heading', { name: text }).waitFor()

test('the guest’s story with JavaScript, live', async () => {
  const { server, acme, usesOf } = await hosting()
  const { id, token } = await invite(acme, { maxUses: 3, name: 'Dinner' })
  const url = `${server.url}/invite/${token}`
  const context = await openContext(server.url, { locale: 'en-GB', timezoneId: 'Asia/Tokyo' })
  const page = await context.newPage()
  await page.goto(url)
  await heading(page, 'Acme House invites you')
  expect(await page.locator('time').first().textContent()).toContain('GMT+9')

  // Another guest comes first: one use less, and what was typed stays.
  await page.getByLabel('Your name (optional)').fill('Ada')
  await visitor(server).submit(`/invite/${token}`)
  await page.getByText('2', { exact: true }).waitFor()
  expect(await page.getByLabel('Your name (optional)').inputValue()).toBe('Ada')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('name')

  const late = await (await openContext(server.url)).newPage()
  await late.goto(url)
  await page.getByRole('button', { name: 'Accept' }).dblclick()
  await heading(page, 'Your doors')
  expect(await usesOf(id)).toBe(2)
  await page.getByRole('button', { name: 'Open Lobby' }).click()
  await page.getByText('Lobby is open.').waitFor()

  await visitor(server).submit(`/invite/${token}`)
  await heading(late, 'Used up')
  expect(await late.title()).toBe('Used up · Acme House')
  expect(await page.getByText('Lobby is open.').isVisible()).toBe(true)

  const back = await context.newPage()
  await back.goto(url)
  await back.getByText('Accepted as Ada').waitFor()
  await acme.ask(REVOKE_INVITE, { id })
  for (const each of [page, back, late]) await heading(each, 'Taken back')
})

test('the guest’s story without JavaScript', async () => {
  const { server, acme, usesOf } = await hosting()
  const { id, token } = await invite(acme, { maxUses: 5 })
  const url = `${server.url}/invite/${token}`
  const context = await openContext(server.url, { javaScriptEnabled: false, timezoneId: 'Asia/Tokyo' })
  const page = await context.newPage()
  await page.goto(url)
  expect(await page.locator('time').first().textContent()).toContain('UTC')
  await page.getByLabel('Your name (optional)').fill('Bob')
  await page.getByRole('button', { name: 'Accept' }).dblclick()
  await heading(page, 'Your doors')
  expect(await usesOf(id)).toBe(1)
  await page.getByRole('button', { name: 'Open Garage' }).click()
  await page.getByText('Garage is open.').waitFor()

  const back = await context.newPage()
  await back.goto(url)
  await back.getByText('Accepted as Bob').waitFor()
  await acme.ask(REVOKE_INVITE, { id })
  await back.getByRole('button', { name: 'Open Lobby' }).click()
  await heading(back, 'Taken back')
})

test('a guest organization joins, and keeps its first key', async () => {
  const { server, acme } = await hosting()
  const { token } = await guestInvitation(acme, new Date(Date.now() + DAY).toISOString())
  const page = await (await openContext(server.url)).newPage()
  await page.goto(`${server.url}/invite/${token}`)
  await page.getByLabel('The name of your organization').fill('Guests Ltd')
  await page.getByRole('button', { name: 'Accept' }).dblclick()
  await heading(page, 'Welcome')
  const key = (await page.locator('#key').textContent()) ?? ''
  const { data } = await server.call('{ organization { name } }', {}, { key })
  expect(data.organization.name).toBe('Guests Ltd')
})

async function guestInvitation(of: House, expiresAt: string) {
  const { createGuestInvitation } = await of.ask(CREATE_GUEST_INVITATION, {
    input: { email: 'guest@example.com', expiresAt, sendEmail: false, message: 'Be our guest.' },
  })
  return createGuestInvitation as { token: string }
}

test('no state of the page has a fault of accessibility, in light and dark, from left and from right', async () => {
  const app = await identityApp()
  const states = await everyState(app)
  const site = 'https://latchkey.test'
  const context = await opened.browser.newContext({ viewport: { width: 360, height: 740 } })
  onTestFinished(() => context.close())
  await context.route('**', async (route) => {
    const { pathname } = new URL(route.request().url())
    const response = await app.fetch(new Request(site + pathname))
    return route.fulfill({
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      body: await response.text(),
    })
  })
  const page = await context.newPage()
  await page.goto(`${site}/health`)
  await page.evaluate(axe.source)
  const faults: string[] = []
  for (const [name, load] of Object.entries(states)) {
    for (const locale of ['en', 'ar']) {
      await page.evaluate(put, await load(locale))
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        // Of all that axe looks for, only contrast depends on the colours.
        const rules = colorScheme === 'light' ? '' : 'runOnly: ["color-contrast"],'
        const found = await page.evaluate(
          `axe.run({ ${rules} resultTypes: ['violations'] }).then(({ violations }) => violations)`,
        )
        for (const { id, nodes } of found as { id: string; nodes: { html: string }[] }[]) {
          faults.push(`${name} ${locale} ${colorScheme}: ${id} ${nodes[0]?.html}`)
        }
        const isWider = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
        if (isWider) faults.push(`${name} ${locale}: wider than the screen`)
      }
    }
  }
  expect(faults).toEqual([])
  expect(Object.keys(states).length).toBe(20)
})

/** Puts another page in place of the one that is shown, and waits for its style sheets; loading each takes longer. */
async function put(html: string) {
  const { documentElement } = new DOMParser().parseFromString(html, 'text/html')
  document.replaceChild(document.adoptNode(documentElement), document.documentElement)
  const sheets = [...document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]')]
  await Promise.all(
    sheets.map((link) => link.sheet ?? new Promise((resolve) => link.addEventListener('load', resolve))),
  )
}

/** A page in each of its states, by the language of its reader. */
async function everyState(app: IdentityApp) {
  const acme = await house(app)
  await app.store.write((tx) => tx.db.updateTable('organizations').set({ color: '#ffd400' }).execute())
  const message = [{ locale: 'en', text: 'Welcome!\nBring a coat.' }]
  const [open, once, revoked, brief, early] = await Promise.all([
    invite(acme, { name: 'Dinner', maxUses: 9, inviteeMessage: message, expiresIn: '9w' }),
    invite(acme, { maxUses: 1, expiresIn: '9w' }),
    invite(acme),
    invite(acme, { expiresIn: '1h' }),
    invite(acme, { startsIn: '5w', expiresIn: '1w' }),
  ])
  const guests = await guestInvitation(acme, '2031-01-01T00:00:00Z')
  const { createMemberInvitation: member } = await acme.ask(CREATE_MEMBER_INVITATION, {
    input: { email: 'ada@example.com', role: 'ORG_VIEWER', message: 'Join us!', sendEmail: false },
  })
  const join = await joinLink(acme)
  const bob = await person(app, 'bob', { email: 'bob@other.example', email_verified: true })
  await visitor(app).submit(`/invite/${once.token}`)
  await acme.ask(REVOKE_INVITE, { id: revoked.id })
  app.time.advance(DAY)

  const ada = visitor(app)
  await ada.submit(`/invite/${open.token}`, { guestName: 'Ada' })
  const [portalId = ''] = acme.portalIds
  const nonce = 'n'.repeat(43)
  const as = (locale: string) => ({ 'accept-language': locale })
  const text = async (response: Promise<Response>) => (await response).text()
  const get = (token: string) => (locale: string) => text(visitor(app, as(locale)).get(`/invite/${token}`))
  const post =
    (token: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    (locale: string) =>
      text(visitor(app, as(locale)).post(`/invite/${token}`, fields, headers))
  const limited = (locale: string) => {
    const guesser = visitor({ fetch: (request) => tired(request) }, as(locale))
    return text(guesser.get('/invite/lk_invite_x'))
  }
  const tired = await tiredApp()
  return {
    open: get(open.token),
    guest: get(guests.token),
    early: get(early.token),
    once: get(once.token),
    revoked: get(revoked.token),
    brief: get(brief.token),
    unknown: get('unknown'),
    limited,
    doors: (locale: string) => text(ada.get(`/invite/${open.token}`, as(locale))),
    opened: (locale: string) => text(ada.post(`/invite/${open.token}/open`, { portalId }, as(locale))),
    notGranted: post(`${open.token}/open`, { portalId }),
    refusedName: post(open.token, { nonce, guestName: 'x'.repeat(201) }),
    badForm: post(open.token, {}),
    crossSite: post(open.token, { nonce }, { 'sec-fetch-site': 'cross-site' }),
    made: post(guests.token, { nonce, organizationName: 'Guests Ltd' }),
    accepted: get(guests.token),
    member: get(member.token),
    wrongAccount: post(member.token, { nonce }, { authorization: `Bearer ${bob.token}` }),
    join: get(join.token),
    signIn: post(join.token, { nonce }),
  }
}

/** An app whose visitor has guessed too often. */
async function tiredApp() {
  const app = await testApp({ limits: { unknownTokensPerMinute: 1 } })
  await visitor(app).get('/invite/x')
  return app.fetch
}

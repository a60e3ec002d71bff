import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { insertApiKey } from '#domain/apiKey.ts'
import { keyOf } from '../kit/app.ts'
import { accessibilityFaults } from '../kit/axe.ts'
import { cutNetwork, openBrowser } from '../kit/browser.ts'
import { cuttable } from '../kit/cuttable.ts'
import { startServer } from '../kit/server.ts'
import {
  ACCEPT_INVITE,
  CREATE_GUEST_INVITATION,
  type House,
  house,
  invite,
  REVOKE_INVITE,
} from '../kit/story.ts'

let shared: Awaited<ReturnType<typeof openBrowser>>
beforeAll(async () => {
  shared = await openBrowser()
})
afterAll(() => shared.close())

test('create, live accept, revoke with the connection cut in between: nothing lost, nothing twice', async () => {
  const { server, of, way } = await served()
  const board = await openBoard(shared.browser, way.url)
  await board.signIn(of.key)
  await board.state('Live')

  await board.button('New access invite').click()
  await board.page.getByLabel('Garage').check()
  await board.page.getByLabel('Lobby').check()
  await board.page.getByLabel('Name optional').fill('Moving day')
  await board.page.getByLabel('Uses').fill('2')
  // Twice at once is once, and the link is not lost to the second answer.
  await board.button('Create').dblclick()
  await board.button('Copy').waitFor()
  const link = await board.link()
  expect(await board.page.locator('#qr svg path').count()).toBeGreaterThan(0)
  await board.button('Copy').click()
  await board.page.getByText('Copied.').waitFor()
  expect(await board.page.evaluate(() => navigator.clipboard.readText())).toBe(link)
  await board.button('Done').click()
  // Shown once: it is no longer in the page either.
  await expect.poll(() => board.page.locator('#link-url').inputValue()).toBe('')
  expect(await board.page.locator('#qr svg').count()).toBe(0)
  await board.row('Moving day', 'Pending', '0 of 2 used', 'Lobby, Garage')

  const [, token = ''] = link.split('/invite/')
  await of.ask(ACCEPT_INVITE, { input: { token } })
  await board.row('Moving day', 'Pending', '1 of 2 used')

  way.cut()
  await board.state('Reconnecting…')
  await of.ask(ACCEPT_INVITE, { input: { token } })
  const second = await invite(of, { name: 'While you were away' })
  await of.ask(REVOKE_INVITE, { id: await board.idOf('Moving day') })
  expect(await board.changes()).toEqual([1, 2])
  way.mend()
  await board.page.evaluate(() => dispatchEvent(new Event('online')))

  await board.row('Moving day', 'Revoked', '2 of 2 used')
  await board.row('While you were away', 'Pending')
  await board.state('Live')
  await board.button('Revoke', 'While you were away').click()
  await board.page.locator('#confirm').getByRole('button', { name: 'Revoke' }).click()
  await board.row('While you were away', 'Revoked')

  const { organization } = await of.ask(
    '{ organization { invitationEvents(first: 100) { edges { node { sequence } } } } }',
  )
  const log = organization.invitationEvents.edges.map(
    ({ node }: { node: { sequence: number } }) => node.sequence,
  )
  expect(await board.changes()).toEqual(log)
  expect(log.length).toBeGreaterThan(5)
  expect(await board.page.locator('#list > li').count()).toBe(2)
  expect(second.id).toBe(await board.idOf('While you were away'))
  expect(server.logged.join()).not.toContain(token)

  const { createGuestInvitation } = await of.ask(CREATE_GUEST_INVITATION, {
    input: guest('crew@example.com'),
  })
  await board.button('Resend', 'crew@example.com').click()
  await board.page.locator('#confirm').getByRole('button', { name: 'Resend' }).click()
  await board.button('Copy').waitFor()
  const resent = await board.link()
  expect(resent).toMatch(/\/invite\/lk_guest_[\w-]{43}$/)
  expect(resent).not.toBe(createGuestInvitation.inviteUrl)
})

test('a log that no longer reaches back to where the board was: it loads anew', async () => {
  const { server, of, way } = await served()
  const { id } = await invite(of, { name: 'Old acquaintance' })
  const board = await openBoard(shared.browser, way.url)
  await board.signIn(of.key)
  await board.row('Old acquaintance', 'Pending')
  await board.state('Live')

  way.cut()
  await board.state('Reconnecting…')
  await of.ask(REVOKE_INVITE, { id })
  await invite(of, { name: 'New acquaintance' })
  await server.store.write((tx) => tx.db.deleteFrom('invitation_events').where('sequence', '<', 3).execute())
  way.mend()

  await board.row('Old acquaintance', 'Revoked')
  await board.row('New acquaintance', 'Pending')
  await invite(of, { name: 'And it goes on' })
  await board.row('And it goes on', 'Pending')
  expect(await board.changes()).toEqual([4])
})

test('filters by kind, status and search, for what comes live too; and the next page', async () => {
  const { server, of } = await served()
  await of.ask(CREATE_GUEST_INVITATION, { input: guest('older@example.com') })
  for (let count = 1; count <= 26; count++) await invite(of, { name: `Visitor ${count}` })
  await of.ask(CREATE_GUEST_INVITATION, { input: guest('Crew@example.com') })
  const board = await openBoard(shared.browser, server.url)
  await board.signIn(of.key)
  await board.row('Crew@example.com', 'Pending', 'Guest organization')
  const listed = () => board.page.locator('#list > li').count()

  await invite(of, { name: 'The 27th' })
  await board.row('The 27th', 'Pending')
  await board.page.getByLabel('Search').fill('visitor 2')
  await expect.poll(listed).toBe(8)
  await invite(of, { name: 'Visitor 27' })
  await board.row('Visitor 27', 'Pending')
  await invite(of, { name: 'Somebody else' })
  await expect.poll(() => board.changes()).toHaveLength(3)
  expect(await listed()).toBe(9)

  await board.page.getByLabel('Search').fill('')
  await board.page.getByLabel('Kind').selectOption('Guest organization')
  await expect.poll(listed).toBe(2)
  // A page that was read before a change, and comes after it, takes nothing back.
  const id = await idOf(of, 'Somebody else')
  await board.page.route(
    '**/graphql',
    async (route) => {
      const response = await route.fetch()
      await of.ask(REVOKE_INVITE, { id })
      await expect.poll(() => board.changes()).toHaveLength(4)
      await route.fulfill({ response })
    },
    { times: 1 },
  )
  await board.page.getByLabel('Kind').selectOption('All kinds')
  await board.button('Show more').waitFor()
  expect(await board.page.locator(`[data-id=${id}] .status`).textContent()).toBe('Revoked')
  // 29 invites: the first page has 25 of them. What is older than these stands nowhere before they do.
  expect(await listed()).toBe(26)
  await board.button('Show more').click()
  await expect.poll(listed).toBe(31)
  await board.button('Show more').waitFor({ state: 'hidden' })

  await board.page.getByText('Declined', { exact: true }).click()
  await board.page.getByText('No invitation matches.').waitFor()
  await board.page.locator('label', { hasText: 'Revoked' }).click()
  await expect.poll(listed).toBe(1)
  await of.ask(REVOKE_INVITE, { id: await idOf(of, 'Visitor 1') })
  await board.row('Visitor 1', 'Revoked')
  expect(await listed()).toBe(2)
})

test('a wrong key is refused, a key that is revoked ends the session, and neither is kept anywhere', async () => {
  const { server, of } = await served({ checkMs: 50 })
  const board = await openBoard(shared.browser, server.url)
  const wrong = `lk_key_${'A'.repeat(43)}`
  await board.signIn(wrong)
  await board.page.getByText('The server does not know this key.').waitFor()
  await board.signIn('Schlüssel 1')
  await board.page.getByText('Paste a key').waitFor()

  const { id, key } = await keyOf(server, of.id, 'ORG_ADMIN')
  await invite(of, { name: 'Seen for a while' })
  await board.signIn(key)
  await board.row('Seen for a while', 'Pending')
  await of.ask(`mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { __typename } }`, { id })

  await board.page.getByText('This key is no longer valid.').waitFor()
  expect(await board.page.locator('#list > li').count()).toBe(0)
  expect(await board.page.getByLabel('API key').inputValue()).toBe('')
  const kept = await board.page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]),
  )
  expect(kept).toBe(JSON.stringify([{}, {}, '', `${server.url}/board`]))
  expect(board.requested.filter((url) => url.includes('lk_key_'))).toEqual([])
})

test('what the key may not do says why, and what it may not see is left out', async () => {
  const { server, of } = await served()
  const viewer = await keyOf(server, of.id, 'ORG_VIEWER')
  await invite(of, { name: 'To look at' })
  const board = await openBoard(shared.browser, server.url)
  await board.signIn(viewer.key)
  await board.row('To look at', 'Pending')
  const create = board.button('New access invite')
  const revoke = board.button('Revoke', 'To look at')
  for (const [button, permission] of [
    [create, 'invite:create'],
    [revoke, 'invite:revoke'],
  ] as const) {
    const reason = `The role ORG_VIEWER does not allow ${permission}.`
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    await button.focus()
    await board.page.getByText(reason).waitFor()
    await button.press('Enter')
  }
  expect(await board.page.locator('dialog[open]').count()).toBe(0)

  await board.button('Forget the key').click()
  const scopes = ['invite:read', 'portal:read', 'event:read', 'organization:read'] as const
  const confined = await server.store.write((tx) =>
    insertApiKey(tx, { organizationId: of.id, role: 'ORG_ADMIN', scopes }),
  )
  await board.signIn(confined.secret)
  await board.state('Live')
  await board.page
    .getByText('Not shown: Guest organization. The scopes of this key do not allow guestInvitation:read.')
    .waitFor()
  await of.ask(CREATE_GUEST_INVITATION, { input: guest('unseen@example.com') })
  await invite(of, { name: 'Seen' })
  await board.row('Seen', 'Pending')
  expect(await board.changes()).toHaveLength(1)
  expect(await board.page.content()).not.toContain('unseen@example.com')
})

test('faults stand at their fields, and hostile names are text', async () => {
  const { server, of } = await served()
  const hostile = '<img src=x onerror=alert(1)>&quot;"\'{{7*7}}'
  await invite(of, { name: hostile })
  const board = await openBoard(shared.browser, server.url)
  await board.signIn(of.key)
  await board.row(hostile, 'Pending')
  await of.ask(REVOKE_INVITE, { id: await board.idOf(hostile) })
  await board.row(hostile, 'Revoked')
  expect(await board.page.locator('#list img, #changes img').count()).toBe(0)
  expect(await board.page.locator('#changes').textContent()).toContain(hostile)

  await board.button('New access invite').click()
  await board.page.getByLabel('Lobby').waitFor()
  await board.page.getByLabel('Uses').fill('0')
  await board.button('Create').click()
  const uses = board.page.getByLabel('Uses')
  await expect.poll(() => uses.getAttribute('aria-invalid')).toBe('true')
  const fault = await uses.getAttribute('aria-describedby')
  expect(await board.page.locator(`#${fault}`).textContent()).toContain('1 or more')
  expect(await board.page.locator('#portals-fault').textContent()).toContain('at least one portal')
  expect(await board.page.getByLabel('Lobby').evaluate((box) => box === document.activeElement)).toBe(true)

  // The server hears of it, and its answer is lost; so it is sent again.
  await board.page.getByLabel('Uses').fill('1')
  await board.page.getByLabel('Lobby').check()
  await board.page.getByLabel('Name optional').fill('Once')
  await board.page.route('**/graphql', (route) => route.fetch().then(() => route.abort()), { times: 1 })
  await board.button('Create').click()
  await board.page.getByText('The server cannot be reached.').waitFor()
  await board.button('Create').click()
  await board.page.getByText('An earlier try had made it already').waitFor()
  await board.button('Done').click()
  await board.row('Once', '0 of 1 used')
  expect(await board.page.locator('#list > li').count()).toBe(2)
})

test('no fault of accessibility before sign-in, loaded and in dialogs, light and dark', async () => {
  const { server, of } = await served()
  await invite(of, { name: 'Open' })
  await invite(of, { name: 'Later', startsIn: '1d', maxUses: 3 })
  const { id } = await invite(of, { name: 'Gone' })
  await of.ask(CREATE_GUEST_INVITATION, { input: guest('crew@example.com') })
  const board = await openBoard(shared.browser, server.url, { width: 360, height: 740 })
  expect(await accessibilityFaults(board.page)).toEqual([])

  await board.signIn(of.key)
  await board.row('Gone', 'Pending')
  await board.state('Live')
  await of.ask(REVOKE_INVITE, { id })
  await board.row('Gone', 'Revoked')
  expect(await accessibilityFaults(board.page)).toEqual([])
  const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
  expect(await board.page.evaluate(overflow)).toBe(0)

  await board.button('New access invite').click()
  await board.page.getByLabel('Lobby').waitFor()
  await board.button('Create').click()
  await board.page.locator('.fault').waitFor()
  expect(await accessibilityFaults(board.page)).toEqual([])
})

test('the page is never kept and lets nothing foreign in; its files are kept for good', async () => {
  const { server } = await served()
  const page = await fetch(`${server.url}/board`)
  const html = await page.text()
  const policy = page.headers.get('content-security-policy')
  expect(page.headers.get('cache-control')).toBe('no-store')
  expect(page.headers.get('x-robots-tag')).toBe('noindex')
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'none'"]) {
    expect(policy?.split('; ')).toContain(part)
  }
  expect(html).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/)

  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => `${server.url}/${path}`)
  expect(files.length).toBeGreaterThan(15)
  for (const file of files) {
    const { status, headers } = await fetch(file)
    expect([status, headers.get('cache-control')], file).toEqual([200, 'public, max-age=31536000, immutable'])
  }
  expect((await fetch(`${server.url}/board/0000/main.js`)).status).toBe(404)
  expect((await fetch(`${server.url}/board`, { method: 'POST' })).status).toBe(404)
})

/** A house on a port, as in production: without GraphiQL; and a way to it that can be cut. */
async function served(options: Parameters<typeof startServer>[0] = {}) {
  const server = await startServer({ ...options, graphiql: undefined, openSchema: false })
  return { server, of: await house(server as never, 'Harbour'), way: await cuttable(server) }
}

const guest = (email: string) => ({ email, expiresAt: new Date(Date.now() + 86_400_000), sendEmail: false })

async function idOf(of: House, search: string): Promise<string> {
  const { organization } = await of.ask(
    `query ($search: String!) { organization { invites(last: 1, filter: { search: $search }) { edges { node { id } } } } }`,
    { search },
  )
  return organization.invites.edges[0].node.id
}

/** The board in a page of its own. When the test ends, nothing has been complained of, nor asked elsewhere. */
async function openBoard(browser: Browser, url: string, viewport = { width: 1280, height: 860 }) {
  const context = await browser.newContext({ viewport, permissions: ['clipboard-read', 'clipboard-write'] })
  const foreign = await cutNetwork(context, url)
  context.setDefaultTimeout(10_000)
  const page: Page = await context.newPage()
  const requested: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => requested.push(request.url()))
  page.on('websocket', (socket) => requested.push(socket.url()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => complaints.push(dialog.message()))
  page.on('console', (message) => {
    // The browser itself tells of connections that fail, and of what the server refuses.
    if (/WebSocket connection|Failed to load resource/.test(message.text())) return
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  onTestFinished(async () => {
    await context.close()
    expect(complaints).toEqual([])
    expect(foreign).toEqual([])
  })
  await page.goto(`${url}/board`)

  const rowOf = (title: string) =>
    page.locator('#list > li').filter({ has: page.getByRole('heading', { name: title, exact: true }) })
  return {
    page,
    requested,
    async signIn(key: string) {
      await page.getByLabel('API key').fill(key)
      await page.getByRole('button', { name: 'Open the board' }).click()
    },
    state: (state: string) => page.locator('#state').getByText(state, { exact: true }).waitFor(),
    /** Waits until the invitation stands there with all of this. */
    row: (title: string, ...texts: string[]) =>
      texts.reduce((row, text) => row.filter({ hasText: text }), rowOf(title)).waitFor(),
    /** The link that the dialog shows. */
    link: () => page.getByLabel('Link to hand to the guests').inputValue(),
    idOf: (title: string) => rowOf(title).getAttribute('data-id'),
    button: (name: string, title?: string) =>
      (title ? rowOf(title) : page).getByRole('button', { name, exact: true }),
    /** The numbers of the events that it has told of, the oldest first. */
    changes: async () =>
      (await page.locator('#changes > li').evaluateAll((items) => items.map((item) => item.dataset.sequence)))
        .map(Number)
        .reverse(),
  }
}

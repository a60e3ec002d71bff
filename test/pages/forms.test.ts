import { expect, onTestFinished, test } from 'vitest'
import { type TestApp, testApp } from '../kit/app.ts'
import { dumpOfThings } from '../kit/dump.ts'
import { CREATE_GUEST_INVITATION, type House, house, invite, REVOKE_INVITE } from '../kit/story.ts'
import { HOUR } from '../kit/time.ts'
import { visitor, wordsOf } from './visitor.ts'

const NONCE = 'n'.repeat(43)

const usesOf = async (of: House, id: string) =>
  (
    await of.ask(`query ($id: ID!) { invite(id: $id) { uses grants { edges { node { guestName } } } } }`, {
      id,
    })
  ).invite

const openings = (app: TestApp) =>
  app.store.db.selectFrom('portal_openings').select(['portal_id', 'allowed', 'refusal']).execute()

test('accepting spends one use, keeps the grant in a cookie, and leads back to the page with the doors', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { id, token } = await invite(acme, { expiresIn: '2h' })
  const ada = visitor(app)
  const answer = await ada.submit(`/invite/${token}`, { guestName: ' Ada ' })
  expect(answer.status).toBe(303)
  expect(answer.headers.get('location')).toBe(`/invite/${token}`)
  const [cookie = ''] = answer.headers.getSetCookie()
  expect(cookie).toMatch(
    new RegExp(
      `^latchkey_grant=lk_grant_[\\w-]{43}; Path=/invite/${token}; Max-Age=7200; HttpOnly; SameSite=Lax; Secure$`,
    ),
  )
  const page = wordsOf(await ada.text(`/invite/${token}`))
  expect(page).toContain('Your doors Accepted as Ada Lobby Open Garage Open')
  expect(page).not.toContain('Uses left')
  expect(await usesOf(acme, id)).toMatchObject({
    uses: 1,
    grants: { edges: [{ node: { guestName: 'Ada' } }] },
  })

  // The secrets of the form are at rest nowhere, as none of the API are.
  const rest = JSON.stringify(await dumpOfThings(app)) + app.logged.join('\n')
  expect(rest).not.toContain(/lk_grant_[\w-]{43}/.exec(cookie)?.[0])
  expect(rest).not.toContain(token)
})

test('without a name, and over plain HTTP, the cookie still comes', async () => {
  const app = await testApp({ publicUrl: 'http://10.0.0.7:4000/guests' })
  const acme = await house(app)
  const { token } = await invite(acme)
  const answer = await visitor(app).submit(`/invite/${token}`, { guestName: '  ' })
  expect(answer.headers.get('location')).toBe(`/guests/invite/${token}`)
  expect(answer.headers.getSetCookie()[0]).toMatch(`Path=/guests/invite/${token}; Max-Age=604800; HttpOnly`)
  expect(answer.headers.getSetCookie()[0]).not.toContain('Secure')
  // Browsers tell no origin there unless they may tell more.
  expect(answer.headers.get('referrer-policy')).toBe('same-origin')
})

test('a form that is sent twice spends one use, and both answers hold the same grant', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { id, token } = await invite(acme, { maxUses: 5 })
  const post = () => visitor(app).post(`/invite/${token}`, { nonce: NONCE, guestName: 'Ada' })
  const answers = await Promise.all([post(), post(), post()])
  const cookies = new Set(answers.map(({ headers }) => headers.getSetCookie()[0]))
  expect(answers.map(({ status }) => status)).toEqual([303, 303, 303])
  expect(cookies.size).toBe(1)
  expect(await usesOf(acme, id)).toMatchObject({ uses: 1 })

  // With another name it is still the same form; with another form, another guest.
  const renamed = await visitor(app).post(`/invite/${token}`, { nonce: NONCE, guestName: 'Bob' })
  expect(cookies.has(renamed.headers.getSetCookie()[0])).toBe(true)
  // So it is long after, in a page that was left open.
  app.time.advance(25 * HOUR)
  const late = await visitor(app).post(`/invite/${token}`, { nonce: NONCE, guestName: 'Ada' })
  expect(late.status).toBe(303)
  expect(late.headers.getSetCookie()[0]).toContain([...cookies][0]?.split(';')[0])
  expect(app.logged).toEqual([])
  await visitor(app).submit(`/invite/${token}`)
  expect(await usesOf(acme, id)).toMatchObject({ uses: 2 })
})

test('who is in already spends no second use from another tab', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { id, token } = await invite(acme)
  const ada = visitor(app)
  await ada.submit(`/invite/${token}`)
  const again = await ada.post(`/invite/${token}`, { nonce: NONCE })
  expect([again.status, again.headers.getSetCookie()]).toEqual([303, []])
  expect(await usesOf(acme, id)).toMatchObject({ uses: 1 })
})

test('opening a door shows the answer, until the invitation is taken back', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { id, token } = await invite(acme)
  const [lobby = ''] = acme.portalIds
  const ada = visitor(app)
  await ada.submit(`/invite/${token}`)
  const opened = await ada.post(`/invite/${token}/open`, { portalId: lobby })
  expect([opened.status, wordsOf(await opened.text())]).toEqual([
    200,
    expect.stringContaining('Lobby is open. Tuesday, January 1, 2030 at 12:00 AM UTC'),
  ])
  // Asked for by GET, it opens nothing.
  expect((await ada.get(`/invite/${token}/open`)).headers.get('location')).toBe(`/invite/${token}`)
  expect(await openings(app)).toEqual([{ portal_id: lobby, allowed: 1, refusal: null }])

  await acme.ask(REVOKE_INVITE, { id })
  const refused = await ada.post(`/invite/${token}/open`, { portalId: lobby })
  expect([refused.status, wordsOf(await refused.text())]).toEqual([
    410,
    expect.stringContaining('Taken back'),
  ])
  expect((await openings(app)).at(-1)).toEqual({ portal_id: lobby, allowed: 0, refusal: 'REVOKED' })
})

test('no door opens to a browser that has not accepted, nor one that was not granted', async () => {
  const app = await testApp()
  const acme = await house(app)
  const [lobby = '', garage = ''] = acme.portalIds
  const { token } = await invite(acme, { portalIds: [lobby] })
  const { token: other } = await invite(acme)
  const ada = visitor(app)
  await ada.submit(`/invite/${token}`)
  const refusals = [
    visitor(app).post(`/invite/${token}/open`, { portalId: lobby }),
    ada.post(`/invite/${token}/open`, { portalId: garage }),
    ada.post(`/invite/${token}/open`, { portalId: 'portal_x' }),
    // The cookie goes to its own link only; brought along by hand, it is another link's.
    ada.post(
      `/invite/${other}/open`,
      { portalId: lobby },
      { cookie: ada.jar.values().next().value?.pair ?? '' },
    ),
  ]
  for (const response of await Promise.all(refusals)) {
    expect([response.status, wordsOf(await response.text())]).toEqual([
      403,
      expect.stringContaining('Not yours to open'),
    ])
  }
  expect((await openings(app)).filter(({ allowed }) => allowed)).toEqual([])
})

test('a name that is refused stands in the form again, with what is wrong beside it', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { id, token } = await invite(acme)
  const typed = `<${'x'.repeat(250)}>`
  const post = (locale: string) =>
    visitor(app, { 'accept-language': locale }).post(`/invite/${token}`, { nonce: NONCE, guestName: typed })
  const response = await post('en')
  const html = await response.text()
  expect(response.status).toBe(422)
  expect(html).toContain(`value="&lt;${'x'.repeat(250)}&gt;"`)
  expect(html).toContain('aria-invalid="true" aria-describedby="fault"')
  expect(html).toContain('<p class="fault" id="fault">The guest’s name must have at most 200 characters.</p>')
  expect(html).toContain(`name="nonce" value="${NONCE}"`)
  expect(await (await post('fr')).text()).toContain('200 caractères')
  expect(await usesOf(acme, id)).toMatchObject({ uses: 0 })
})

test('what is no form of this page is refused before anything is done', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { token } = await invite(acme)
  const before = await dumpOfThings(app)
  const post = (init: RequestInit) =>
    visitor(app).send(`/invite/${token}`, { method: 'POST', body: `nonce=${NONCE}`, ...init })
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const own = { ...form, 'sec-fetch-site': 'same-origin' }
  const origin = 'https://latchkey.test'

  const refused: [RequestInit, number][] = [
    [{ headers: form }, 403],
    [{ headers: { ...form, 'sec-fetch-site': 'cross-site' } }, 403],
    [{ headers: { ...form, 'sec-fetch-site': 'same-site', origin } }, 403],
    [{ headers: { ...form, origin: 'https://evil.test' } }, 403],
    [{ headers: { ...form, origin: 'null' } }, 403],
    [{ headers: { ...own, 'content-type': 'text/plain' } }, 415],
    [{ headers: { ...own, 'content-type': 'application/json' }, body: '{}' }, 415],
    [{ headers: own, body: `nonce=${NONCE}&guestName=${'x'.repeat(5000)}` }, 413],
    [{ headers: own, body: 'nonce=short' }, 400],
    [{ headers: own, body: '' }, 400],
    [{ headers: own, body: Buffer.from([0xff]) }, 400],
    [{ headers: own, method: 'PUT' }, 405],
    [{ headers: own, method: 'DELETE', body: null }, 405],
  ]
  for (const [init, status] of refused) {
    const response = await post(init)
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      'text/html; charset=utf-8',
    ])
    expect(response.headers.getSetCookie()).toEqual([])
  }
  expect(await dumpOfThings(app)).toEqual(before)

  for (const headers of [
    { ...form, 'sec-fetch-site': 'none' },
    { ...form, origin },
  ]) {
    expect((await post({ headers })).status).toBe(303)
  }
})

test('a guest organization is shown its first key, also where the form was sent twice, and not for long', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { createGuestInvitation } = await acme.ask(CREATE_GUEST_INVITATION, {
    input: { email: 'guest@example.com', expiresAt: '2030-01-05T00:00:00Z', sendEmail: false },
  })
  const token: string = createGuestInvitation.token
  const post = (nonce = NONCE) =>
    visitor(app).post(`/invite/${token}`, { nonce, organizationName: 'Guests & Söhne' })
  const keyIn = (html: string) => />(lk_key_[\w-]{43})</.exec(html)?.[1]

  const blank = await visitor(app).post(`/invite/${token}`, { nonce: NONCE, organizationName: ' ' })
  expect([blank.status, await blank.text()]).toEqual([422, expect.stringContaining('must not be blank')])

  const [first, second] = await Promise.all([post(), post()])
  const html = (await first?.text()) ?? ''
  expect([first?.status, second?.status]).toEqual([200, 200])
  expect(wordsOf(html)).toContain('Guests &amp; Söhne is now a guest of Acme.')
  expect(html).not.toContain('data-state')
  const key = keyIn(html) ?? ''
  expect(keyIn((await second?.text()) ?? '')).toBe(key)
  const { data } = await app.call('{ organization { name } }', {}, { key })
  expect(data.organization.name).toBe('Guests & Söhne')

  const stranger = await post('s'.repeat(43))
  expect([stranger.status, keyIn(await stranger.text())]).toEqual([409, undefined])
  app.time.advance(HOUR)
  expect(keyIn(await (await post()).text())).toBeUndefined()
  onTestFinished(async () => expect(app.logged.join()).not.toContain(key))
})

test('what closes between looking and accepting says why', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { token } = await invite(acme, { startsIn: '1d' })
  const early = await visitor(app).post(`/invite/${token}`, { nonce: NONCE })
  expect([early.status, wordsOf(await early.text())]).toEqual([409, expect.stringContaining('Not open yet')])
  const { token: once } = await invite(acme, { maxUses: 1 })
  const tries = await Promise.all(
    ['a', 'b', 'c'].map((one) => visitor(app).post(`/invite/${once}`, { nonce: one.repeat(43) })),
  )
  expect(tries.map(({ status }) => status).sort()).toEqual([303, 410, 410])
})

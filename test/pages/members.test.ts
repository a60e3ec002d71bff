import { expect, test } from 'vitest'
import { inviter } from '../members/inviting.ts'
import { visitor, wordsOf } from './visitor.ts'

const NONCE = 'n'.repeat(43)

test('a member invitation says what one becomes, and its form makes one a member', async () => {
  const { app, invite, members } = await inviter()
  const { token } = await invite('ada@example.com', {
    name: 'Ada',
    role: 'PORTAL_ADMIN',
    message: 'Join us!',
  })
  const ada = visitor(app)
  const page = wordsOf(await ada.text(`/invite/${token}`))
  expect(page).toContain(
    'Acme invites you Join us! You can become a member of Acme. Role: door administrator.',
  )
  expect(page).toContain('Sent to a***@example.com Join')
  const answer = await ada.submit(`/invite/${token}`)
  expect([answer.status, wordsOf(await answer.text())]).toEqual([
    200,
    expect.stringContaining('Welcome You have joined Acme.'),
  ])
  expect(await members()).toMatchObject([{ role: 'PORTAL_ADMIN', user: { email: 'ada@example.com' } }])
  expect(wordsOf(await ada.text(`/invite/${token}`))).toContain('Accepted')
})

test('a member who uses keys is shown the first one, also where the form was sent twice', async () => {
  const { app, invite } = await inviter()
  const { token } = await invite('ada@example.com', { accessType: 'API' })
  const keyIn = async (nonce: string) => {
    const html = await (await visitor(app).post(`/invite/${token}`, { nonce })).text()
    return />(lk_key_[\w-]{43})</.exec(html)?.[1]
  }
  const [first, second] = await Promise.all([keyIn(NONCE), keyIn(NONCE)])
  expect(first).toBeDefined()
  expect(second).toBe(first)
  expect(await keyIn('s'.repeat(43))).toBeUndefined()
  expect((await app.call('{ viewer { role } }', {}, { key: first })).data.viewer.role).toBe('ORG_MEMBER')
})

test('who is signed in as somebody else is told so, both addresses masked', async () => {
  const { app, invite, signIn, members } = await inviter()
  const { token } = await invite('ada@example.com')
  const as = async (bearer: string, locale = 'en') => {
    const guest = visitor(app, { authorization: `Bearer ${bearer}`, 'accept-language': locale })
    const response = await guest.post(`/invite/${token}`, { nonce: NONCE })
    return [response.status, wordsOf(await response.text())]
  }
  const bob = await signIn('bob', 'bob@other.example')
  expect(await as(bob)).toEqual([
    403,
    expect.stringContaining('for a***@example.com; you are signed in as b***@other.example'),
  ])
  expect(await as(bob, 'ar')).toEqual([403, expect.stringContaining('حساب آخر')])
  expect(await as(await signIn('eve', 'ada@example.com', false))).toMatchObject([
    200,
    expect.stringContaining('You have joined Acme.'),
  ])
  expect(await members()).toHaveLength(1)
})

test('a declined invitation says so', async () => {
  const { app, invite, decline } = await inviter()
  const { token } = await invite('ada@example.com')
  await decline({ token })
  const response = await visitor(app).get(`/invite/${token}`)
  expect([response.status, wordsOf(await response.text())]).toEqual([
    410,
    expect.stringContaining('Declined'),
  ])
})

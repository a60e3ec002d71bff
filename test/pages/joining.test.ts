import { setTimeout as delay } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { identityApp, person } from '../identity/people.ts'
import { dump } from '../kit/dump.ts'
import { joinLink } from '../kit/estate.ts'
import { house } from '../kit/story.ts'
import { visitor, wordsOf } from './visitor.ts'

test('a join link asks who is not signed in to sign in, and makes a member of who is', async () => {
  const app = await identityApp()
  const acme = await house(app)
  const { token } = await joinLink(acme, { role: 'ORG_MEMBER', maxUses: 1 })
  const stranger = visitor(app)
  const page = wordsOf(await stranger.text(`/invite/${token}`))
  expect(page).toContain('Acme invites you You can become a member of Acme. Role: member. Uses left 1')
  expect(page).toContain('To accept, sign in with your account first')
  const refused = await stranger.post(`/invite/${token}`, {})
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])

  const { token: bearer } = await person(app, 'ada')
  const ada = visitor(app, { authorization: `Bearer ${bearer}` })
  for (let twice = 0; twice < 2; twice++) {
    const joined = await ada.post(`/invite/${token}`, {})
    expect([joined.status, wordsOf(await joined.text())]).toEqual([
      200,
      expect.stringContaining('You have joined Acme.'),
    ])
  }
  const { data } = await app.call('{ viewer { role } }', {}, { key: bearer })
  expect(data.viewer.role).toBe('ORG_MEMBER')
  const late = await stranger.get(`/invite/${token}`)
  expect([late.status, wordsOf(await late.text())]).toEqual([410, expect.stringContaining('Used up')])
})

test('a look at the page is no look of a reader; one over the API is noted', async () => {
  const app = await identityApp()
  const acme = await house(app)
  const { id, token } = await joinLink(acme)
  const before = await dump(app)
  const noted = async () =>
    (
      await app.store.db
        .selectFrom('join_links')
        .select('previewed_at')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    ).previewed_at
  await visitor(app).get(`/invite/${token}`)
  // Looks are gathered for a moment before they are noted.
  await delay(300)
  expect(await noted()).toBeNull()
  expect(await dump(app)).toEqual(before)
  await app.call('query ($token: String!) { invitationPreview(token: $token) { kind } }', { token })
  await vi.waitFor(async () => expect(await noted()).toBe(app.time.now()))
})

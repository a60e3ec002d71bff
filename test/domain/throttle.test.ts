import { sql } from 'kysely'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Viewer } from '#domain/access.ts'
import { RateLimitedError, Refusal } from '#domain/errors.ts'
import { acceptInvite } from '#domain/grant.ts'
import { acceptGuestInvitation } from '#domain/guestAcceptance.ts'
import { newId } from '#domain/ids.ts'
import { openPortal } from '#domain/portalOpening.ts'
import { previewInvitation } from '#domain/preview.ts'
import { newSecret } from '#domain/secrets.ts'
import type { Store } from '#domain/store.ts'
import { bucketOf } from '#server/address.ts'
import { testApp } from '../kit/app.ts'
import { ACCEPT_INVITE, house, invite } from '../kit/story.ts'
import { SECOND } from '../kit/time.ts'

const from = (address: string): Viewer => ({ kind: 'anonymous', address: bucketOf(address) })
const guest = from('203.0.113.7')
const unknown = () => newSecret('invite')

/** What became of it: its result, or the error that it was refused with. */
const outcome = (attempt: Promise<unknown>) => attempt.catch((error: unknown) => error)

async function guess(store: Store, viewer: Viewer, times: number) {
  for (let i = 0; i < times; i++) expect(await previewInvitation(store, viewer, unknown())).toBeNull()
}

async function expectLimited(attempt: Promise<unknown>) {
  const error = await outcome(attempt)
  expect(error).toMatchObject({ code: 'RATE_LIMITED' })
  const { retryAfter } = error instanceof Refusal ? error.details : (error as RateLimitedError)
  expect(retryAfter).toBeGreaterThanOrEqual(1)
  expect(retryAfter).toBeLessThanOrEqual(60)
}

const counted = async ({ db }: Pick<Store, 'db'>) =>
  (await sql<{ key: string; points: number }>`select key, points from rate_limits`.execute(db)).rows

afterEach(() => void vi.useRealTimers())

describe('unknown tokens', () => {
  test('after ten of them an address is refused, whatever its token; another address is not', async () => {
    const app = await testApp()
    const { token } = await invite(await house(app), { maxUses: 1 })
    await guess(app.store, guest, 10)
    await expectLimited(previewInvitation(app.store, guest, unknown()))
    await expectLimited(previewInvitation(app.store, guest, token))
    await expectLimited(acceptInvite(app.store, guest, { token }))
    expect(await acceptInvite(app.store, from('203.0.113.8'), { token })).toMatchObject({ replayed: false })
  })

  test('are counted together wherever they are tried', async () => {
    const { store } = await testApp()
    const doors = [
      () => acceptInvite(store, guest, { token: unknown() }),
      () => openPortal(store, guest, { grantToken: newSecret('grant'), portalId: newId('Portal') }),
      () => acceptGuestInvitation(store, guest, { token: 'no token at all', organizationName: 'Guest' }),
      () => previewInvitation(store, guest, newSecret('apiKey')),
    ]
    for (const door of [...doors, ...doors])
      expect(await outcome(door())).not.toBeInstanceOf(RateLimitedError)
    await guess(store, guest, 2)
    for (const door of doors) await expectLimited(door())
    expect(await counted(store)).toEqual([{ key: 'unknownToken:203.0.113.7', points: 10 }])
  })

  test('sent all at once are no more, and a right one among them is not found out', async () => {
    const app = await testApp()
    const { token } = await invite(await house(app))
    const guesses = [...Array.from({ length: 30 }, unknown), token]
    const outcomes = await Promise.all(
      guesses.map((guessed) => outcome(previewInvitation(app.store, guest, guessed))),
    )
    expect(outcomes.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => null))
    for (const refused of outcomes.slice(10)) expect(refused).toBeInstanceOf(Refusal)
  })

  test('are counted by /64, IPv4 in IPv6 as IPv4, callers without an address as one', async () => {
    const { store } = await testApp()
    const same: [Viewer, Viewer, Viewer][] = [
      [from('2001:db8:0:1::1'), from('2001:db8:0:1:ffff::2'), from('2001:db8:0:2::1')],
      [from('198.51.100.1'), from('::ffff:198.51.100.1'), from('::ffff:198.51.100.2')],
      [{ kind: 'anonymous' }, { kind: 'newcomer', actorId: newId('User') }, from('198.51.100.3')],
    ]
    for (const [one, neighbour, stranger] of same) {
      await guess(store, one, 10)
      await expectLimited(previewInvitation(store, neighbour, unknown()))
      await guess(store, stranger, 1)
    }
  })

  test('known tokens cost nothing, and what is stored tells nothing of any token', async () => {
    const app = await testApp()
    const { token } = await invite(await house(app))
    for (let i = 0; i < 30; i++) expect(await previewInvitation(app.store, guest, token)).not.toBeNull()
    expect(await counted(app.store)).toEqual([])
    await guess(app.store, guest, 1)
    await guess(app.store, from('2001:db8::1'), 1)
    const keys = (await counted(app.store)).map(({ key }) => key)
    expect(keys.sort()).toEqual(['unknownToken:2001:db8:0:0::/64', 'unknownToken:203.0.113.7'])
  })

  test('after the minute the address may try again, and what it did is forgotten', async () => {
    const { store } = await testApp()
    vi.useFakeTimers({ toFake: ['Date'] })
    await guess(store, guest, 10)
    vi.setSystemTime(Date.now() + 59 * SECOND)
    await expect(outcome(previewInvitation(store, guest, unknown()))).resolves.toMatchObject({
      details: { retryAfter: 1 },
    })
    vi.setSystemTime(Date.now() + SECOND)
    await guess(store, from('203.0.113.9'), 1)
    expect((await counted(store)).map(({ key }) => key)).toEqual(['unknownToken:203.0.113.9'])
    await guess(store, guest, 10)
    await expectLimited(previewInvitation(store, guest, unknown()))
  })

  test('are told as a typed error by mutations and by a code by queries', async () => {
    const { call } = await testApp({ limits: { unknownTokensPerMinute: 1 } })
    const accept = () => call(ACCEPT_INVITE, { input: { token: unknown() } })
    expect((await accept()).data.acceptInvite).toMatchObject({ __typename: 'NotFoundError' })
    expect((await accept()).data.acceptInvite).toMatchObject({ code: 'RATE_LIMITED' })
    const { data, errors } = await call('{ invitationPreview(token: "lk_invite_x") { kind } }')
    expect(data).toEqual({ invitationPreview: null })
    expect(errors).toMatchObject([
      { path: ['invitationPreview'], extensions: { code: 'RATE_LIMITED', retryAfter: expect.any(Number) } },
    ])
  })
})

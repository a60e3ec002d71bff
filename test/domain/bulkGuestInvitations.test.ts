import { expect, test } from 'vitest'
import { dumpOfThings } from '../kit/dump.ts'
import { DAY } from '../kit/time.ts'
import { does, story } from './changing.ts'
import { hosts } from './hosting.ts'

async function acmeInvites(options: Parameters<typeof hosts>[0] = {}) {
  const made = await hosts(options)
  const { acme, app, at } = made
  const row = (email: string, more: object = {}) => ({ email, expiresAt: at(DAY), ...more })
  const send = (guestInvitations: object[], more: object = {}) =>
    does(acme.ask, 'createGuestInvitations', { guestInvitations, ...more })
  const mails = async () =>
    (await app.store.db.selectFrom('mails').select('email').execute()).map((mail) => mail.email)
  return { ...made, row, send, mails }
}

const kinds = ({ results }: { results: { __typename: string }[] }) =>
  results.map((result) => result.__typename)
const DONE = 'CreateGuestInvitationPayload'

test('a hundred rows: bad addresses, duplicates and others’ things are refused by themselves', async () => {
  const { app, acme, other, at, row, send, create, mails } = await acmeInvites()
  const open = await create(acme, 'open@guest.example', { sendEmail: false })
  const rows: object[] = Array.from({ length: 100 }, (_, index) => row(`guest${index}@guest.example`))
  rows[1] = row('nobody')
  rows[2] = row(` GUEST0@guest.example `)
  rows[3] = row('open@GUEST.example')
  rows[4] = row('late@guest.example', { expiresAt: at(0), message: ' ' })
  rows[5] = row('below@guest.example', { parentOrganizationId: other.id })
  rows[6] = row(`${'x'.repeat(100)}@guest.example`)
  rows[7] = row(' Trimmed@GUEST.Example ', { locale: 'de', message: 'Hallo' })
  const done = await send(rows)
  const expected = Array(100).fill(DONE)
  expected.splice(
    1,
    6,
    'InvalidInputError',
    'ConflictError',
    'ConflictError',
    'InvalidInputError',
    'NotFoundError',
    'InvalidInputError',
  )
  expect(kinds(done)).toEqual(expected)
  expect(done.results[1].issues).toMatchObject([{ path: ['guestInvitations', '1', 'email'] }])
  expect(done.results[2].current.id).toBe(done.results[0].guestInvitation.id)
  expect(done.results[3].current.id).toBe(open.guestInvitation.id)
  expect(done.results[4].issues).toMatchObject([{ path: ['guestInvitations', '4', 'message'] }])
  expect(done.results[7].guestInvitation).toMatchObject({
    email: 'Trimmed@guest.example',
    locale: 'de',
    message: 'Hallo',
  })
  expect(done.results[99].inviteUrl).toBe(`https://latchkey.test/invite/${done.results[99].token}`)
  expect(await mails()).toHaveLength(94)
  expect(await story(app)).toEqual(Array(95).fill('CREATED - > PENDING'))
})

test('all or nothing: with a bad row nothing is made and nothing sent', async () => {
  const { app, row, send, mails } = await acmeInvites()
  const before = await dumpOfThings(app)
  const done = await send([row('a@guest.example'), row('A@guest.example'), row('b@guest.example')], {
    atomic: true,
  })
  expect(kinds(done)).toEqual(['NotDoneError', 'ConflictError', 'NotDoneError'])
  expect(done.results[1].current).toBeNull()
  expect(await dumpOfThings(app)).toEqual(before)
  expect(await mails()).toEqual([])
})

test('the same call again answers with the same rows, secrets left out, and sends nothing', async () => {
  const { row, send, mails } = await acmeInvites()
  const rows = [row('a@guest.example'), row('nobody'), row('a@guest.example')]
  const first = await send(rows, { idempotencyKey: 'once' })
  const again = await send(rows, { idempotencyKey: 'once' })
  expect(again).toEqual({
    ...{ ...first, replayed: true },
    results: [
      { ...first.results[0], token: null, inviteUrl: null, replayed: true },
      ...first.results.slice(1),
    ],
  })
  expect(kinds(first)).toEqual([DONE, 'InvalidInputError', 'ConflictError'])
  expect(await mails()).toEqual(['a@guest.example'])
})

test('limits hold row by row: what is over them is refused, what is within is done', async () => {
  const { row, send, mails } = await acmeInvites({
    limits: { openInvitations: 3, mailsPerOrganizationADay: 2 },
  })
  const rows = ['a', 'b', 'c', 'd'].map((name) => row(`${name}@guest.example`))
  expect(kinds(await send(rows))).toEqual([DONE, DONE, 'RateLimitedError', 'RateLimitedError'])
  expect(kinds(await send(rows.slice(2), { sendEmail: false }))).toEqual([DONE, 'LimitReachedError'])
  expect(await mails()).toEqual(['a@guest.example', 'b@guest.example'])
})

import { expect, test } from 'vitest'
import { type TestApp, testApp } from '../kit/app.ts'
import { ACCEPT_INVITE, asker, house, invite, REVOKE_INVITE } from '../kit/story.ts'
import { HOUR, SECOND } from '../kit/time.ts'

const log = (app: TestApp) =>
  app.store.db.selectFrom('invitation_events').selectAll().orderBy('sequence').execute()

/** Waits for so many turns of the event loop. */
async function turns(number: number) {
  for (let turn = 0; turn < number; turn++) await new Promise(setImmediate)
}

const count = (values: unknown[], wanted: unknown) => values.filter((value) => value === wanted).length

test('a thousand at once on fifty uses: exactly fifty are let in, and the log says so', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { id, token } = await invite(acme, { maxUses: 50 })
  const stranger = asker(app)
  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, guest) =>
      stranger(ACCEPT_INVITE, { input: { token, guestName: `Guest ${guest}` } }),
    ),
  )
  const reasons = answers.map(({ acceptInvite }) => acceptInvite.reason ?? acceptInvite.__typename)
  expect(count(reasons, 'AcceptInvitePayload')).toBe(50)
  expect(count(reasons, 'EXHAUSTED')).toBe(950)

  const read = await acme.ask(
    `query ($id: ID!) { invite(id: $id) { status uses usesRemaining grants { totalCount } } }`,
    { id },
  )
  expect(read.invite).toEqual({ status: 'EXHAUSTED', uses: 50, usesRemaining: 0, grants: { totalCount: 50 } })

  const events = await log(app)
  expect(events.map((event) => event.sequence)).toEqual(Array.from({ length: 52 }, (_, index) => index + 1))
  const types = events.map((event) => event.type)
  expect([types[0], types.at(-1)]).toEqual(['CREATED', 'EXHAUSTED'])
  expect(count(types, 'USED')).toBe(50)
})

test('accepting in a race with revoking: nobody is let in after the revocation', async () => {
  const app = await testApp()
  const acme = await house(app)
  const stranger = asker(app)
  const letIn = new Set<number>()
  for (let round = 0; round < 30; round++) {
    const { id, token } = await invite(acme)
    const accepting = Array.from({ length: 6 }, async (_, guest) => {
      await turns(guest * 3)
      return stranger(ACCEPT_INVITE, { input: { token } })
    })
    const revoking = turns(round).then(() => acme.ask(REVOKE_INVITE, { id }))
    const answers = await Promise.all(accepting)
    expect((await revoking).revokeInvite.invite.status).toBe('REVOKED')
    const accepted = answers.filter((answer) => answer.acceptInvite?.__typename === 'AcceptInvitePayload')
    const refused = answers.filter((answer) => answer.acceptInvite?.reason === 'REVOKED')
    expect(accepted.length + refused.length).toBe(6)
    letIn.add(accepted.length)

    const types = (await log(app)).filter((event) => event.invitation_id === id).map((event) => event.type)
    expect(types).toEqual(['CREATED', ...accepted.map(() => 'USED'), 'REVOKED'])
  }
  expect(letIn.size, 'the race went both ways').toBeGreaterThan(1)
})

test('the window opens at validFrom and is closed at validTo, to the millisecond', async () => {
  const app = await testApp()
  const acme = await house(app)
  const stranger = asker(app)
  const { token, invite: made } = await invite(acme, { startsIn: '1h', expiresIn: '1h' })
  const accept = async () => (await stranger(ACCEPT_INVITE, { input: { token } })).acceptInvite

  app.time.advance(HOUR - 1)
  expect(await accept()).toMatchObject({ reason: 'NOT_YET_VALID', opensAt: made.validFrom, closedAt: null })
  app.time.advance(1)
  expect(await accept()).toHaveProperty('grant')
  app.time.advance(HOUR - 1)
  expect(await accept()).toHaveProperty('grant')
  app.time.advance(1)
  expect(await accept()).toMatchObject({ reason: 'EXPIRED', opensAt: null, closedAt: made.validTo })
})

test('an exhausted invite says since when; an unknown token says only that', async () => {
  const app = await testApp()
  const acme = await house(app)
  const stranger = asker(app)
  const { token } = await invite(acme, { maxUses: 1 })
  const last = new Date(app.time.now()).toISOString()
  await stranger(ACCEPT_INVITE, { input: { token } })
  app.time.advance(SECOND)
  expect((await stranger(ACCEPT_INVITE, { input: { token } })).acceptInvite).toMatchObject({
    reason: 'EXHAUSTED',
    closedAt: last,
  })
  for (const unknown of [
    '',
    'x',
    `${token.slice(0, -2)}zz`,
    token.replace('lk_invite', 'lk_guest'),
    acme.key,
  ])
    expect((await stranger(ACCEPT_INVITE, { input: { token: unknown } })).acceptInvite).toMatchObject({
      code: 'NOT_FOUND',
    })
})

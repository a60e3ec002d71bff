import { expect, test, vi } from 'vitest'
import { firstResult } from '../access/stream.ts'
import { person } from '../identity/people.ts'
import { asker } from '../kit/story.ts'
import { DAY, HOUR, WEEK } from '../kit/time.ts'
import { inviter } from './inviting.ts'

const email = 'ada@example.com'
const LOG = `{ organization { invitationEvents(first: 100) { edges { node {
  sequence type status previousStatus occurredAt invitation { __typename id } actor { ... on User { id } ... on ApiKey { id } }
} } } } }`

type Told = {
  sequence: number
  type: string
  status: string
  previousStatus: string | null
  occurredAt: string
  invitation: object
  actor: { id: string } | null
}

async function logged() {
  const setup = await inviter()
  const log = async () => {
    const { organization } = await asker(setup.app, setup.acme.key)(LOG)
    return organization.invitationEvents.edges.map(({ node }: { node: Told }) => node) as Told[]
  }
  const story = async () =>
    (await log()).map(({ type, previousStatus, status }) => `${type}: ${previousStatus} → ${status}`)
  return { ...setup, log, story }
}

test('everything that happens to it is in the log, with who did it', async () => {
  const { app, acme, log, story, invite, update, resend, revoke, accept, decline, signIn } = await logged()
  const one = await invite(email)
  await update({ id: one.id, name: 'Ada' })
  await resend({ id: one.id })
  await revoke(one.id)
  const two = await invite(email)
  const ada = await signIn('ada', email)
  const { userId } = await person(app, 'ada', { email, email_verified: true })
  await decline({ id: two.id }, ada)
  await accept({ id: (await invite(email)).id }, ada)
  const bob = await accept({ token: (await invite('bob@example.com')).token })
  await decline({ token: (await invite('eve@example.com')).token })

  expect(await story()).toEqual([
    ...['CREATED: null → PENDING', 'UPDATED: PENDING → PENDING', 'UPDATED: PENDING → PENDING'],
    ...['REVOKED: PENDING → REVOKED', 'CREATED: null → PENDING', 'DECLINED: PENDING → DECLINED'],
    ...['CREATED: null → PENDING', 'ACCEPTED: PENDING → ACCEPTED'],
    ...['CREATED: null → PENDING', 'ACCEPTED: PENDING → ACCEPTED'],
    ...['CREATED: null → PENDING', 'DECLINED: PENDING → DECLINED'],
  ])
  const events = await log()
  const [key, person1, person2] = [{ id: acme.keyId }, { id: userId }, { id: bob.user.id }]
  expect(events[0]?.invitation).toEqual({ __typename: 'MemberInvitation', id: one.id })
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1))
  // The one who declined was never a member: the organization does not see them.
  expect(events.map(({ actor }) => actor)).toEqual([
    ...[key, key, key, key, key, person1, key, person1, key, person2, key, null],
  ])
})

test('that it has expired is written by the clock, once, as of then; opened again, it expires again', async () => {
  const { app, story, log, invite, resend, at } = await logged()
  const { id } = await invite(email, { expiresAt: at(HOUR) })
  const end = at(HOUR)
  app.time.advance(DAY)
  await vi.waitFor(async () => expect(await story()).toHaveLength(2))
  await app.clock.start()
  await resend({ id, expiresAt: at(HOUR) })
  app.time.advance(HOUR)
  await app.clock.start()
  expect(await story()).toEqual([
    ...['CREATED: null → PENDING', 'EXPIRED: PENDING → EXPIRED'],
    ...['UPDATED: EXPIRED → PENDING', 'EXPIRED: PENDING → EXPIRED'],
  ])
  expect((await log())[1]).toMatchObject({ occurredAt: end, actor: null })
})

test('a later end puts it off; what is answered does not expire', async () => {
  const { app, story, invite, update, accept, at } = await logged()
  const { id, token } = await invite(email, { expiresAt: at(HOUR) })
  await update({ id, expiresAt: at(WEEK) })
  app.time.advance(DAY)
  await accept({ token })
  app.time.advance(WEEK)
  await app.clock.start()
  expect(await story()).toEqual([
    ...['CREATED: null → PENDING', 'UPDATED: PENDING → PENDING', 'ACCEPTED: PENDING → ACCEPTED'],
  ])
})

test('its status is followed, and events can be asked for by its id', async () => {
  const { app, acme, invite } = await logged()
  const { id } = await invite(email)
  const status = 'subscription ($id: ID!) { memberInvitationStatusChanged(id: $id) { id status } }'
  const { data } = await firstResult(app, status, { id }, { key: acme.key })
  expect(data).toEqual({ memberInvitationStatusChanged: { id, status: 'PENDING' } })
  const events =
    'subscription ($id: ID!, $after: String) { invitationEvents(invitationIds: [$id], after: $after) { type } }'
  const after = Buffer.from(`${acme.id}:0`).toString('base64url')
  expect(await firstResult(app, events, { id, after }, { key: acme.key })).toMatchObject({
    data: { invitationEvents: { type: 'CREATED' } },
  })
})

const PREVIEW = `query ($token: String!) { invitationPreview(token: $token) {
  kind organizationName createdByName email role name status expiresAt validFrom usesRemaining acceptable closedReason
  message(locales: ["fr"]) { locale text } portalNames } }`

test('whoever holds a token sees what it is for, by every link that works', async () => {
  const { app, invite, resend, revoke, at } = await logged()
  const preview = async (token: string) => (await app.call(PREVIEW, { token })).data.invitationPreview
  const { id, token } = await invite(email, {
    name: 'Ada',
    message: 'Hallo',
    locale: 'de',
    role: 'ORG_VIEWER',
  })
  const told = {
    ...{ kind: 'MEMBER', organizationName: 'Acme', createdByName: null, email: 'a***@example.com' },
    ...{ role: 'ORG_VIEWER', name: 'Ada', message: { locale: 'de', text: 'Hallo' }, portalNames: [] },
    ...{ status: 'PENDING', expiresAt: at(WEEK), validFrom: null, usesRemaining: 1 },
    ...{ acceptable: true, closedReason: null },
  }
  expect(await preview(token)).toEqual(told)
  const again = await resend({ id })
  expect([await preview(token), await preview(again.token)]).toEqual([told, told])
  app.time.advance(DAY)
  expect([await preview(token), await preview(again.token)]).toEqual([null, told])
  await revoke(id)
  const over = { status: 'REVOKED', usesRemaining: 0, acceptable: false, closedReason: 'REVOKED' }
  expect(await preview(again.token)).toEqual({ ...told, ...over })
  const plain = await invite('bob@example.com', { message: 'Hi' })
  expect(await preview(plain.token)).toMatchObject({ name: null, message: { locale: 'und', text: 'Hi' } })
})

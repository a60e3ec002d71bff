import { expect, test } from 'vitest'
import { insertApiKey } from '#domain/apiKey.ts'
import { takeMails } from '#domain/outbox.ts'
import {
  answerOf,
  CREATE_KEY,
  member,
  REMOVE_MEMBER,
  REVOKE_KEY,
  ROTATE_KEY,
  UPDATE_MEMBER,
} from '../identity/people.ts'
import { keyOf } from '../kit/app.ts'
import { outbox } from '../kit/mailServer.ts'
import { DAY, HOUR } from '../kit/time.ts'
import { inviter, rowsIn } from './inviting.ts'

/** An organization where Ada, an administrator, has invited somebody to each of some roles. */
async function invitedByAda(roles: string[]) {
  const setup = await inviter()
  const ada = await member(setup.app, setup.acme.id, { name: 'ada' })
  const tokens: Record<string, string> = {}
  for (const role of roles)
    tokens[role] = (await setup.invite(`${role}@example.com`, { role }, ada.token)).token
  const change = (input: object) =>
    answerOf(setup.app, UPDATE_MEMBER, { id: ada.membershipId, ...input }, { key: setup.acme.key })
  await member(setup.app, setup.acme.id, { name: 'bob' })
  return { ...setup, ada, tokens, change }
}

const refused = { reason: 'ROLE_NOT_GRANTABLE', message: expect.stringMatching(/ask for a new one/) }
const done = { __typename: 'AcceptMemberInvitationPayload' }

test('what the inviter may not give any more is not had, and nothing is made', async () => {
  const { app, accept, change, tokens } = await invitedByAda(['ORG_ADMIN', 'PORTAL_ADMIN', 'ORG_VIEWER'])
  await change({ role: 'ORG_MEMBER' })
  const before = [await rowsIn(app, 'users'), await rowsIn(app, 'memberships'), await rowsIn(app, 'api_keys')]
  for (const role of ['ORG_ADMIN', 'PORTAL_ADMIN']) {
    expect(await accept({ token: tokens[role] })).toMatchObject(refused)
  }
  expect([
    await rowsIn(app, 'users'),
    await rowsIn(app, 'memberships'),
    await rowsIn(app, 'api_keys'),
  ]).toEqual(before)
  expect(await accept({ token: tokens.ORG_VIEWER })).toMatchObject(done)
  await change({ role: 'PORTAL_ADMIN' })
  expect(await accept({ token: tokens.PORTAL_ADMIN })).toMatchObject(done)
})

test('who was removed gives nothing, and nothing again by what they come back as', async () => {
  const { app, acme, ada, accept, tokens } = await invitedByAda(['ORG_VIEWER', 'GUEST'])
  await answerOf(app, REMOVE_MEMBER, { id: ada.membershipId }, { key: acme.key })
  for (const token of Object.values(tokens)) expect(await accept({ token })).toMatchObject(refused)
})

test('a key gives what its role gives, unless it was revoked: that it ran out or was replaced takes nothing', async () => {
  const { app, acme, invite, accept } = await inviter()
  const keys = await Promise.all(
    ['revoked', 'expired', 'rotated'].map(() => keyOf(app, acme.id, 'ORG_ADMIN')),
  )
  const tokens = []
  for (const [index, { key }] of keys.entries())
    tokens.push((await invite(`p${index}@x.example`, {}, key)).token)
  const [revoked, expired, rotated] = keys
  await answerOf(app, REVOKE_KEY, { id: revoked?.id }, { key: acme.key })
  await app.store.write(({ db, now }) =>
    db
      .updateTable('api_keys')
      .set({ expires_at: now })
      .where('id', '=', expired?.id ?? '')
      .execute(),
  )
  await answerOf(app, ROTATE_KEY, { id: rotated?.id, overlapHours: 1 }, { key: acme.key })
  app.time.advance(DAY)
  const answers = []
  for (const token of tokens) answers.push((await accept({ token })).__typename)
  expect(answers).toEqual(['InvitationClosedError', done.__typename, done.__typename])
})

test('a key that a member made counts as far as that member does', async () => {
  const { app, invite, accept, ada, change } = await invitedByAda([])
  const first = await answerOf(app, CREATE_KEY, { name: 'x', role: 'ORG_ADMIN' }, { key: ada.token })
  const second = await answerOf(app, CREATE_KEY, { name: 'y', role: 'ORG_ADMIN' }, { key: first.secret })
  const high = await invite('high@x.example', { role: 'PORTAL_ADMIN' }, second.secret)
  const low = await invite('low@x.example', { role: 'ORG_VIEWER' }, second.secret)
  await change({ role: 'ORG_MEMBER' })
  expect(await accept({ token: high.token })).toMatchObject(refused)
  expect(await accept({ token: low.token })).toMatchObject(done)
})

/** An organization, and a key of it that can only read and change invitations. */
async function confined() {
  const setup = await inviter()
  const { secret } = await setup.app.store.write((tx) =>
    insertApiKey(tx, {
      organizationId: setup.acme.id,
      role: 'ORG_ADMIN',
      scopes: ['memberInvitation:update', 'memberInvitation:read', 'member:read'],
    }),
  )
  return { ...setup, secret }
}

test('who may only send again does not get the link to a role that they could not give', async () => {
  const { invite, resend, update, secret } = await confined()
  const { id } = await invite('ada@example.com', { role: 'ORG_ADMIN', accessType: 'API' })
  const fault = { code: 'INVALID_INPUT', message: expect.stringMatching(/scopes of your key/) }
  expect(await resend({ id }, secret)).toMatchObject({ ...fault, issues: [{ path: ['id'] }] })
  expect(await update({ id, role: 'ORG_MEMBER' }, secret)).toMatchObject({
    ...fault,
    issues: [{ path: ['role'] }],
  })
  expect(await update({ id, role: 'GUEST' }, secret)).toMatchObject({ memberInvitation: { role: 'GUEST' } })
  expect(await resend({ id }, secret)).toMatchObject({ token: expect.any(String) })
})

test('who could not give the role makes it last no longer, and gives no more with it', async () => {
  const { at, invite, read, update, secret } = await confined()
  const { id } = await invite('ada@x.example', { role: 'ORG_ADMIN', expiresAt: at(DAY) })
  const issue = { path: ['id'], message: expect.stringMatching(/scopes of your key/) }
  for (const more of [{ expiresAt: at(2 * DAY) }, { accessType: 'API' }, { accessType: 'ALL' }]) {
    expect(await update({ id, ...more }, secret)).toMatchObject({ code: 'INVALID_INPUT', issues: [issue] })
  }
  expect(await update({ id, role: 'ORG_ADMIN' }, secret)).toMatchObject({ issues: [{ path: ['role'] }] })
  expect(await read(id)).toMatchObject({ version: 1, accessType: 'WEB', expiresAt: at(DAY) })
  const less = { name: 'Ada', accessType: 'WEB', expiresAt: at(HOUR) }
  expect(await update({ id, ...less }, secret)).toMatchObject({ memberInvitation: less })
  expect(await update({ id, accessType: 'ALL', expiresAt: at(DAY) })).toMatchObject({
    memberInvitation: { accessType: 'ALL' },
  })
  expect(await update({ id, accessType: 'API' }, secret)).toMatchObject({
    memberInvitation: { accessType: 'API' },
  })
})

test('whether it can be sent again is told as it is', async () => {
  const { invite, read, resend, secret } = await confined()
  const high = await invite('high@x.example', { role: 'ORG_VIEWER' })
  const low = await invite('low@x.example', { role: 'GUEST' })
  expect((await read(high.id, secret)).viewerCanResend).toEqual({ allowed: false, code: 'FORBIDDEN' })
  expect((await read(low.id, secret)).viewerCanResend).toEqual({ allowed: true, code: null })
  expect(await resend({ id: low.id }, secret)).toMatchObject({ token: expect.any(String) })
})

test('what somebody gave who has left, another gives again: by sending it, or by a change that gives', async () => {
  const { app, acme, ada: bob, accept, read, resend, update, at, invite } = await invitedByAda([])
  const { token: alice } = await member(app, acme.id, { name: 'alice' })
  const sent = await invite('sent@x.example', { role: 'PORTAL_ADMIN' }, bob.token)
  const longer = await invite('longer@x.example', { expiresAt: at(DAY) }, bob.token)
  const named = await invite('named@x.example', {}, bob.token)
  await answerOf(app, REMOVE_MEMBER, { id: bob.membershipId }, { key: acme.key })
  for (const { token } of [sent, longer, named]) expect(await accept({ token })).toMatchObject(refused)

  expect(await read(sent.id, alice)).toMatchObject({ status: 'PENDING', viewerCanResend: { allowed: true } })
  const again = await resend({ id: sent.id }, alice)
  expect(again.memberInvitation.sender).toEqual({ id: bob.userId })
  expect(await accept({ token: again.token })).toMatchObject(done)

  // What gives nothing leaves it as it was.
  expect(await update({ id: longer.id, name: 'L', expiresAt: at(HOUR) }, alice)).toMatchObject({
    memberInvitation: { name: 'L' },
  })
  expect(await accept({ token: longer.token })).toMatchObject(refused)
  await update({ id: longer.id, expiresAt: at(2 * DAY) }, alice)
  await update({ id: named.id, role: 'ORG_MEMBER' }, alice)
  for (const { token } of [longer, named]) expect(await accept({ token })).toMatchObject(done)
})

test('what somebody has given again ends with what they are', async () => {
  const { app, acme, ada, accept, invite, resend } = await invitedByAda([])
  const { id } = await invite('sent@x.example')
  const { token } = await resend({ id }, ada.token)
  await answerOf(app, REMOVE_MEMBER, { id: ada.membershipId }, { key: acme.key })
  expect(await accept({ token })).toMatchObject(refused)
})

test('no mail goes out whose link gives nothing any more; it does once another has sent it again', async () => {
  const { app, acme, ada, invite, resend } = await invitedByAda([])
  const { id } = await invite('sent@x.example', { sendEmail: true }, ada.token)
  await answerOf(app, REMOVE_MEMBER, { id: ada.membershipId }, { key: acme.key })
  expect(await takeMails(app.store, 5)).toEqual([])
  expect(await outbox(app)).toMatchObject([
    { state: 'FAILED', last_error: expect.stringMatching(/^Not sent\. Whoever gave this invitation/) },
  ])
  await resend({ id, sendEmail: true })
  expect(await takeMails(app.store, 5)).toMatchObject([{ email: 'sent@x.example' }])
})

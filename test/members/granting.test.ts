import { expect, test } from 'vitest'
import { insertApiKey } from '#domain/apiKey.ts'
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

const refused = {
  code: 'CONFLICT',
  message: expect.stringMatching(/ask for a new invitation/),
  current: null,
}
const done = { __typename: 'AcceptMemberInvitationPayload' }

test('what the inviter may not give any more is not had, and nothing is made', async () => {
  const { app, accept, change, tokens } = await invitedByAda(['ORG_ADMIN', 'PORTAL_ADMIN', 'ORG_VIEWER'])
  await change({ role: 'ORG_MEMBER' })
  const before = [await rowsIn(app, 'users'), await rowsIn(app, 'memberships'), await rowsIn(app, 'api_keys')]
  for (const role of ['ORG_ADMIN', 'PORTAL_ADMIN']) {
    expect(await accept({ token: tokens[role] })).toMatchObject({
      code: refused.code,
      message: refused.message,
    })
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
  for (const token of Object.values(tokens))
    expect(await accept({ token })).toMatchObject({ code: 'CONFLICT' })
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
  expect(answers).toEqual(['ConflictError', done.__typename, done.__typename])
})

test('a key that a member made counts as far as that member does', async () => {
  const { app, invite, accept, ada, change } = await invitedByAda([])
  const first = await answerOf(app, CREATE_KEY, { name: 'x', role: 'ORG_ADMIN' }, { key: ada.token })
  const second = await answerOf(app, CREATE_KEY, { name: 'y', role: 'ORG_ADMIN' }, { key: first.secret })
  const high = await invite('high@x.example', { role: 'PORTAL_ADMIN' }, second.secret)
  const low = await invite('low@x.example', { role: 'ORG_VIEWER' }, second.secret)
  await change({ role: 'ORG_MEMBER' })
  expect(await accept({ token: high.token })).toMatchObject({ code: 'CONFLICT' })
  expect(await accept({ token: low.token })).toMatchObject(done)
})

test('who may only send again does not get the link to a role that they could not give', async () => {
  const { app, acme, invite, resend, update } = await inviter()
  const { id } = await invite('ada@example.com', { role: 'ORG_ADMIN', accessType: 'API' })
  const { secret } = await app.store.write((tx) =>
    insertApiKey(tx, {
      organizationId: acme.id,
      role: 'ORG_ADMIN',
      scopes: ['memberInvitation:update', 'memberInvitation:read', 'member:read'],
      expiresAt: app.time.now() + HOUR,
    }),
  )
  const fault = { code: 'INVALID_INPUT', message: expect.stringMatching(/scopes of your key/) }
  expect(await resend({ id }, secret)).toMatchObject({ ...fault, issues: [{ path: ['id'] }] })
  expect(await update({ id, role: 'ORG_MEMBER' }, secret)).toMatchObject({
    ...fault,
    issues: [{ path: ['role'] }],
  })
  expect(await update({ id, role: 'GUEST' }, secret)).toMatchObject({ memberInvitation: { role: 'GUEST' } })
  expect(await resend({ id }, secret)).toMatchObject({ token: expect.any(String) })
})

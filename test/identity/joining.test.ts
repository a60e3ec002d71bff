import { expect, test } from 'vitest'
import { organization } from '../kit/app.ts'
import { dump } from '../kit/dump.ts'
import { asker } from '../kit/story.ts'
import { HOUR } from '../kit/time.ts'
import { club, createLink, REVOKE_LINK } from './linking.ts'
import {
  answerOf,
  CREATE_KEY,
  member,
  person,
  REMOVE_MEMBER,
  REVOKE_KEY,
  ROTATE_KEY,
  viewerOf,
} from './people.ts'

test('whoever has the link and has signed in becomes a member in its role, once', async () => {
  const { app, acme, join, members, links } = await club()
  const { joinLink, token } = await createLink(app, acme.key, { role: 'ORG_VIEWER' })
  const ada = await person(app, 'ada', { name: 'Ada' })
  const joined = await join(token, ada.token)
  expect(joined).toEqual({
    __typename: 'JoinOrganizationPayload',
    alreadyMember: false,
    organization: { id: acme.id, name: 'Acme' },
    membership: {
      ...{ id: expect.any(String), role: 'ORG_VIEWER', accessType: 'WEB', removedAt: null },
      ...{ organization: { name: 'Acme' }, user: { id: ada.userId, name: 'Ada' } },
    },
  })
  expect(await viewerOf(app, { key: ada.token })).toMatchObject({ role: 'ORG_VIEWER' })
  expect(await join(token, ada.token)).toEqual({ ...joined, alreadyMember: true })
  expect(await members()).toMatchObject([{ id: joined.membership.id, invitation_id: joinLink.id }])
  expect(await links()).toMatchObject([{ uses: 1 }])

  // Another role by another link: the one they have is kept, even where that link is closed.
  const stronger = await createLink(app, acme.key, { role: 'PORTAL_ADMIN' })
  expect((await join(stronger.token, ada.token)).membership.role).toBe('ORG_VIEWER')
  await app.call(REVOKE_LINK, { input: { id: joinLink.id } }, { key: acme.key })
  expect(await join(token, ada.token)).toEqual({ ...joined, alreadyMember: true })
})

test('a member of another organization joins too, and then names the one that they act for', async () => {
  const { app, acme, join } = await club()
  const other = await organization(app, 'Other')
  const ada = await member(app, other.id, { role: 'ORG_ADMIN' })
  const { token } = await createLink(app, acme.key)
  expect((await join(token, ada.token)).membership.role).toBe('ORG_MEMBER')
  const headers = { 'requester-organization-id': acme.id }
  expect(await viewerOf(app, { key: ada.token, headers })).toMatchObject({ role: 'ORG_MEMBER' })
})

test('a key cannot join, nobody joins without signing in, and an unknown token is nothing', async () => {
  const { app, acme, join } = await club({ limits: { unknownTokensPerMinute: 3 } })
  const { token } = await createLink(app, acme.key)
  const before = await dump(app)
  expect(await join(token, {})).toMatchObject({
    code: 'UNAUTHENTICATED',
    message: expect.stringContaining('identity provider'),
  })
  expect(await dump(app)).toEqual(before)
  expect(await join(token, acme.key)).toMatchObject({
    code: 'FORBIDDEN',
    message: expect.stringMatching(/must sign in.*JWT_ISSUER/),
  })
  const ada = await person(app, 'ada')
  for (const unknown of ['x', `lk_join_${'A'.repeat(43)}`, token.replace('join', 'invite')]) {
    expect(await join(unknown, ada.token)).toMatchObject({ code: 'NOT_FOUND' })
  }
  expect(await join(token, ada.token)).toMatchObject({ code: 'RATE_LIMITED' })
})

test('200 times at once by one person is one membership and one use', async () => {
  const { app, acme, join, members, links } = await club()
  const { token } = await createLink(app, acme.key, { maxUses: 1 })
  const ada = await person(app, 'ada')
  const joined = await Promise.all(Array.from({ length: 200 }, () => join(token, ada.token)))
  expect(joined.filter(({ alreadyMember }) => alreadyMember === false)).toHaveLength(1)
  expect(new Set(joined.map(({ membership }) => JSON.stringify(membership))).size).toBe(1)
  expect(await members()).toHaveLength(1)
  expect(await links()).toMatchObject([{ uses: 1, status: 'EXHAUSTED' }])
})

test('50 at once by a link for 10 are exactly 10; the log tells them, and the last use', async () => {
  const { app, acme, join, members, links, people, story, look } = await club()
  const { joinLink, token } = await createLink(app, acme.key, { maxUses: 10 })
  const all = await people(50)
  const joined = await Promise.all(all.map(({ token: key }) => join(token, key)))
  expect(joined.filter(({ __typename }) => __typename === 'JoinOrganizationPayload')).toHaveLength(10)
  const closedAt = new Date(app.time.now()).toISOString()
  expect(joined.filter(({ reason }) => reason === 'EXHAUSTED')).toHaveLength(40)
  app.time.advance(HOUR)
  const late = await person(app, 'late')
  expect(await join(token, late.token)).toMatchObject({ reason: 'EXHAUSTED', closedAt })
  expect(await members()).toHaveLength(10)
  expect(await links({ statuses: ['EXHAUSTED'] })).toMatchObject([{ uses: 10, usesRemaining: 0 }])
  expect(await story(joinLink.id)).toEqual([
    'CREATED: PENDING',
    ...Array.from({ length: 10 }, () => 'USED: PENDING'),
    'EXHAUSTED: EXHAUSTED',
  ])
  expect(await look(token)).toMatchObject({ acceptable: false, closedReason: 'EXHAUSTED' })
})

test('who was removed does not come back by a link, old or new; a member invitation brings them back', async () => {
  const { app, acme, join, links, members } = await club()
  await member(app, acme.id, { name: 'boss' })
  const { token } = await createLink(app, acme.key, { role: 'GUEST' })
  const ada = await person(app, 'ada', { email: 'ada@guest.example', email_verified: true })
  const { membership } = await join(token, ada.token)
  await answerOf(app, REMOVE_MEMBER, { id: membership.id }, { key: acme.key })
  const removed = await members()
  const refused = { code: 'CONFLICT', message: expect.stringContaining('member invitation') }
  expect(await join(token, ada.token)).toMatchObject(refused)
  const newer = await createLink(app, acme.key, { role: 'ORG_VIEWER' })
  expect(await join(newer.token, ada.token)).toMatchObject(refused)
  expect(await links({ statuses: ['PENDING'] })).toMatchObject([{ uses: 0 }, { uses: 1 }])
  expect(await members()).toEqual(removed)

  const { createMemberInvitation } = await asker(app, acme.key)(
    `mutation ($input: CreateMemberInvitationInput!) { createMemberInvitation(input: $input) {
      ... on CreateMemberInvitationPayload { token } } }`,
    { input: { email: 'ada@guest.example', role: 'ORG_VIEWER' } },
  )
  await asker(app, ada.token)(
    `mutation ($input: AcceptMemberInvitationInput!) { acceptMemberInvitation(input: $input) { __typename } }`,
    { input: { token: createMemberInvitation.token } },
  )
  expect(await viewerOf(app, { key: ada.token })).toMatchObject({ role: 'ORG_VIEWER' })
  expect(await join(token, ada.token)).toMatchObject({ alreadyMember: true })
})

test('no link gives more than whoever made it may still give', async () => {
  const { app, acme, join, look, links, people, members } = await club()
  await member(app, acme.id, { name: 'boss' })
  const admin = await member(app, acme.id, { name: 'admin' })
  const key = async (by: string) =>
    answerOf(
      app,
      CREATE_KEY,
      { name: 'k', role: 'ORG_ADMIN', expiresAt: '2030-01-01T01:00:00Z' },
      { key: by },
    )
  const ofAdmin = await key(admin.token)
  const leaked = await key(acme.key)
  const rotated = await key(acme.key)
  const made = {
    byMember: await createLink(app, admin.token, { role: 'PORTAL_ADMIN' }),
    byTheirKey: await createLink(app, ofAdmin.secret, { role: 'ORG_MEMBER' }),
    byLeakedKey: await createLink(app, leaked.secret, { role: 'ORG_VIEWER' }),
    byRotatedKey: await createLink(app, rotated.secret, { role: 'GUEST' }),
  }
  const [one, two, three, four, five] = await people(5)
  const stands = async (name: keyof typeof made, who: typeof one, expected: boolean) => {
    const { token } = made[name]
    const preview = await look(token)
    const before = [await members(), await links()]
    const answer = await join(token, who?.token ?? '')
    expect.soft({ preview, answer }, name).toMatchObject(
      expected
        ? { preview: { acceptable: true, closedReason: null }, answer: { alreadyMember: false } }
        : {
            preview: { acceptable: false, closedReason: 'ROLE_NOT_GRANTABLE', status: 'PENDING' },
            answer: { reason: 'ROLE_NOT_GRANTABLE', message: expect.stringContaining('ask for a new one') },
          },
    )
    if (!expected) expect.soft([await members(), await links()], name).toEqual(before)
  }
  await answerOf(app, REVOKE_KEY, { id: leaked.apiKey.id }, { key: acme.key })
  await answerOf(app, ROTATE_KEY, { id: rotated.apiKey.id, overlapHours: 0 }, { key: acme.key })
  app.time.advance(2 * HOUR)
  await stands('byLeakedKey', one, false)
  await stands('byRotatedKey', one, true)
  await stands('byTheirKey', two, true)
  await stands('byMember', three, true)

  const demote = (role: string) =>
    app.store.write((tx) =>
      tx.db.updateTable('memberships').set({ role }).where('id', '=', admin.membershipId).execute(),
    )
  await demote('ORG_MEMBER')
  await stands('byMember', four, false)
  await stands('byTheirKey', four, true)
  await demote('ORG_VIEWER')
  await stands('byTheirKey', five, false)
  await demote('ORG_ADMIN')
  await asker(app, acme.key)(REMOVE_MEMBER, { input: { id: admin.membershipId } })
  await stands('byMember', five, false)
  await stands('byTheirKey', five, false)
})

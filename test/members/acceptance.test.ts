import { expect, test } from 'vitest'
import { insertMembership } from '#domain/member.ts'
import { answerOf, person, REMOVE_MEMBER, viewerOf } from '../identity/people.ts'
import { newest } from '../identity/records.ts'
import { organization } from '../kit/app.ts'
import { ACCEPT_MEMBER_INVITATION } from '../kit/story.ts'
import { WEEK } from '../kit/time.ts'
import { inviter, rowsIn } from './inviting.ts'

const email = 'ada@example.com'

test('the token alone makes the user and the member; again, the same', async () => {
  const { app, acme, invite, accept, members, at, read } = await inviter()
  const terms = { name: 'Ada', tags: ['night shift'], role: 'ORG_VIEWER' }
  const { id, token } = await invite(email, terms)
  const accepted = await accept({ token })
  expect(accepted).toMatchObject({
    apiKey: null,
    user: { name: 'Ada', email },
    organization: { id: acme.id, name: 'Acme' },
    membership: {
      ...{ role: 'ORG_VIEWER', accessType: 'WEB', tags: ['night shift'], removedAt: null },
      ...{ organization: { name: 'Acme' }, user: { id: accepted.user.id } },
    },
    memberInvitation: {
      ...{ id, status: 'ACCEPTED', acceptedAt: at(0), organization: { name: 'Acme' } },
      membership: { id: accepted.membership.id },
    },
  })
  app.time.advance(2 * WEEK)
  expect(await accept({ token })).toEqual(accepted)
  expect(await members()).toEqual([
    {
      ...{ id: accepted.membership.id, role: 'ORG_VIEWER', accessType: 'WEB' },
      user: { id: accepted.user.id, email },
    },
  ])
  expect(await read(id)).toMatchObject({
    membership: { id: accepted.membership.id },
    viewerCanRevoke: { allowed: false, code: 'ALREADY_ACCEPTED' },
  })
})

test.each(['API', 'ALL'])(
  '%s: a key, once, in the role, that ends with the membership',
  async (accessType) => {
    const { app, acme, invite, accept } = await inviter()
    const { token } = await invite(email, { accessType, role: 'PORTAL_ADMIN' })
    const { apiKey: key, membership, ...rest } = await accept({ token })
    expect(await viewerOf(app, { key })).toMatchObject({ role: 'PORTAL_ADMIN' })
    expect(await accept({ token })).toEqual({ ...rest, membership, apiKey: null })
    expect(await rowsIn(app, 'api_keys')).toBe(2)
    await answerOf(app, REMOVE_MEMBER, { id: membership.id }, { key: acme.key })
    expect((await app.call('{ viewer { role } }', {}, { key })).status).toBe(401)
    expect(await accept({ token })).toMatchObject({ reason: 'ALREADY_ACCEPTED' })
  },
)

test('whoever is a member by keys only still answers as themselves, here again and elsewhere', async () => {
  const { app, invite, accept, signIn } = await inviter()
  const other = await organization(app, 'Other')
  const ada = await signIn('ada', email)
  const [here, there] = [await invite(email, { accessType: 'API' }), await invite(email, {}, other.key)]
  const { apiKey, ...first } = await accept({ id: here.id }, ada)
  expect(apiKey).toMatch(/^lk_key_/)
  expect(await accept({ id: here.id }, ada)).toEqual({ ...first, apiKey: null })
  expect(await accept({ id: there.id }, ada)).toMatchObject({ user: { id: first.user.id } })
  expect(await viewerOf(app, { key: ada })).toMatchObject({ role: 'ORG_MEMBER' })
})

test('200 at once by one person are one membership and 200 equal answers', async () => {
  const { app, acme, invite, accept, signIn, members } = await inviter()
  const { id, token } = await invite(email)
  const key = await signIn('ada', email)
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => accept(index % 2 ? { id } : { token }, key)),
  )
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(answers[0].__typename).toBe('AcceptMemberInvitationPayload')
  expect(await members()).toHaveLength(1)
  const events = await app.store.db.selectFrom('invitation_events').select('type').execute()
  expect(events.map(({ type }) => type)).toEqual(['CREATED', 'ACCEPTED'])
  const accepts = await newest(app, acme.key, { types: ['ACCEPT_MEMBER_INVITATION'] })
  expect(accepts[0]).toMatchObject({ status: 'COMPLETED', subjectId: id, intent: { id } })
})

test('of two people at once one wins, and the other is told', async () => {
  const { app, invite, accept, signIn, members } = await inviter()
  const { id, token } = await invite(email, { accessType: 'API' })
  const ada = await signIn('ada', email)
  const { token: holder } = await person(app, 'holder')
  const answers = await Promise.all([
    accept({ id }, ada),
    accept({ token }, holder),
    accept({ token }, holder),
  ])
  const won = answers.filter(({ __typename }) => __typename === 'AcceptMemberInvitationPayload')
  const lost = answers.filter(({ reason }) => reason === 'ALREADY_ACCEPTED')
  expect(won.length + lost.length).toBe(3)
  expect(new Set(won.map(({ user }) => user.id)).size).toBe(1)
  expect(lost.length).toBeGreaterThan(0)
  expect(won.filter(({ apiKey }) => apiKey)).toHaveLength(1)
  expect(await members()).toHaveLength(1)
})

test('who is a member keeps what they are; who was one comes back as what they are invited to be', async () => {
  const { app, acme, invite, accept, signIn } = await inviter()
  const { id } = await invite(email, { role: 'ORG_VIEWER', accessType: 'ALL' })
  const key = await signIn('ada', email)
  const { userId } = await person(app, 'ada', { email, email_verified: true })
  const standing = { organizationId: acme.id, userId, role: 'PORTAL_ADMIN', accessType: 'WEB' } as const
  const { id: membershipId } = await app.store.write((tx) => insertMembership(tx, standing))
  const kept = { id: membershipId, role: 'PORTAL_ADMIN', accessType: 'WEB' }
  expect(await accept({ id }, key)).toMatchObject({
    ...{ apiKey: null, membership: kept, memberInvitation: { status: 'ACCEPTED' } },
  })
  await answerOf(app, REMOVE_MEMBER, { id: membershipId }, { key: acme.key })
  const back = await invite(email, { role: 'ORG_VIEWER', accessType: 'ALL', tags: ['back'] })
  expect(await accept({ id: back.id }, key)).toMatchObject({
    membership: { id: membershipId, role: 'ORG_VIEWER', tags: ['back'], removedAt: null },
    apiKey: expect.stringMatching(/^lk_key_/),
  })
})

test('with a key, the mailed token speaks for the mailbox all the same; one person in two organizations is one user', async () => {
  const { app, acme, invite, mailed, accept, members } = await inviter()
  const other = await organization(app, 'Other')
  const first = await accept({ token: await mailed((await invite(email)).id) }, other.key)
  const second = await accept({ token: await mailed((await invite('ADA@example.com', {}, other.key)).id) })
  expect(second).toMatchObject({ user: { id: first.user.id }, organization: { id: other.id } })
  expect(await rowsIn(app, 'users')).toBe(1)
  expect(await members(acme.key)).toHaveLength(1)
})

test('what is over is not accepted, and says why', async () => {
  const { app, invite, accept, decline, revoke, at } = await inviter()
  const [revoked, declined, expired] = [
    await invite('a@x.example'),
    await invite('b@x.example'),
    await invite(email),
  ]
  await revoke(revoked.id)
  expect(await decline({ token: declined.token })).toMatchObject({
    ...{ memberInvitation: { status: 'DECLINED', declinedAt: at(0), organization: { name: 'Acme' } } },
  })
  const closedAt = at(0)
  app.time.advance(WEEK)
  for (const [{ token }, reason, at] of [
    [revoked, 'REVOKED', closedAt],
    [declined, 'DECLINED', closedAt],
    [expired, 'EXPIRED', new Date(app.time.now()).toISOString()],
  ] as const) {
    expect(await accept({ token })).toMatchObject({ code: 'INVITATION_CLOSED', reason, closedAt: at })
    expect(await decline({ token })).toMatchObject({ code: 'INVITATION_CLOSED', reason, closedAt: at })
  }
  expect(await rowsIn(app, 'users')).toBe(0)
})

test('unknown tokens are counted; token or id, and not both', async () => {
  const { invite, accept, decline } = await inviter({ limits: { unknownTokensPerMinute: 2 } })
  const { id, token } = await invite(email)
  expect(await accept({})).toMatchObject({ issues: [{ path: ['token'] }] })
  expect(await accept({ id, token })).toMatchObject({ issues: [{ path: ['id'] }] })
  expect(await accept({ token: 'lk_member_x' })).toMatchObject({ code: 'NOT_FOUND' })
  expect(await decline({ token: token.replace('member', 'guest') })).toMatchObject({ code: 'NOT_FOUND' })
  expect(await accept({ token: 'lk_member_x' })).toMatchObject({ code: 'RATE_LIMITED' })
  expect(await accept({ token })).toMatchObject({ code: 'RATE_LIMITED' })
})

test('what the one who accepts may not see is refused before the deed: the key is still to be had', async () => {
  const { app, invite } = await inviter()
  const { token } = await invite(email, { accessType: 'API' })
  const wide = ACCEPT_MEMBER_INVITATION.replace(
    'organization { id name }',
    'organization { members { totalCount } }',
  )
  const { data, errors } = await app.call(wide, { input: { token } })
  expect({ data, codes: errors.map(({ extensions }) => extensions.code) }).toEqual({
    data: null,
    codes: ['BAD_USER_INPUT'],
  })
  const { data: accepted } = await app.call(ACCEPT_MEMBER_INVITATION, { input: { token } })
  expect(accepted.acceptMemberInvitation.apiKey).toMatch(/^lk_key_/)
})

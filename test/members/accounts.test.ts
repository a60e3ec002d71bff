import { expect, test } from 'vitest'
import { answerOf, CREATE_KEY, person, viewerOf } from '../identity/people.ts'
import { newest } from '../identity/records.ts'
import { organization } from '../kit/app.ts'
import { ACCEPT_MEMBER_INVITATION } from '../kit/story.ts'
import { inviter, rowsIn } from './inviting.ts'

const email = 'ada@example.com'

test('signed in with the invited address, verified, the id is enough; and nothing less', async () => {
  const { app, acme, invite, accept, decline, signIn } = await inviter()
  const { id, token } = await invite(email)
  const wrong = (viewerEmail: string | null) => ({
    ...{ code: 'WRONG_ACCOUNT', invitedEmail: 'a***@example.com', viewerEmail },
    message: expect.not.stringContaining('ada@'),
  })
  const [bob, unverified] = [await signIn('bob', 'bob@other.example'), await signIn('eve', email, false)]
  for (const answer of [accept, decline]) {
    expect(await answer({ id }, bob)).toMatchObject(wrong('b***@other.example'))
    expect(await answer({ token }, bob)).toMatchObject(wrong('b***@other.example'))
    expect(await answer({ id }, unverified)).toMatchObject(wrong(null))
    expect(await answer({ id }, acme.key)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await answer({ id })).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(await answer({ id: id.replace(/.$/, (end) => (end === '0' ? '1' : '0')) }, bob)).toMatchObject({
      code: 'NOT_FOUND',
    })
  }
  expect(await rowsIn(app, 'memberships')).toBe(0)
  const refused = await newest(app, acme.key, { types: ['DECLINE_MEMBER_INVITATION'] })
  expect(refused.map(({ failure }) => failure)).toEqual(Array(3).fill('WRONG_ACCOUNT'))

  const ada = await signIn('ada', 'ADA@Example.com')
  const accepted = await accept({ id }, ada)
  expect(await viewerOf(app, { key: ada })).toMatchObject({
    ...{ role: 'ORG_MEMBER', actor: { id: accepted.user.id, email: 'ADA@example.com' } },
  })
  // Also for a member of another organization who stays that.
  const other = await organization(app, 'Other')
  const second = await invite(email, { role: 'ORG_VIEWER' }, other.key)
  expect(await accept({ id: second.id }, ada)).toMatchObject({
    ...{ organization: { name: 'Other' }, user: { id: accepted.user.id } },
    memberInvitation: { organization: { name: 'Other' }, membership: { id: expect.any(String) } },
  })
})

test('who holds the token and has no verified address of their own has the mailbox', async () => {
  const { app, invite, accept, signIn } = await inviter()
  const { id, token } = await invite(email)
  const key = await signIn('ada', email, false)
  const { userId } = await person(app, 'ada')
  expect(await accept({ token }, key)).toMatchObject({ user: { id: userId, email: null } })
  // The mailbox’s own user is another, and comes too late.
  expect(await accept({ token })).toMatchObject({ reason: 'ALREADY_ACCEPTED' })
  expect(await accept({ id }, await signIn('other', email))).toMatchObject({ reason: 'ALREADY_ACCEPTED' })
})

test('who has accepted by the token alone is who first signs in with that address, verified', async () => {
  const { app, invite, accept, signIn } = await inviter()
  const { user, apiKey } = await accept({ token: (await invite(email, { accessType: 'ALL' })).token })
  const eve = await signIn('eve', email, false)
  expect(await viewerOf(app, { key: eve })).toMatchObject({ role: null, actor: { email: null } })

  const keys = await Promise.all(['ada', 'ada-2'].map((subject) => signIn(subject, 'Ada@example.com')))
  const seen = await Promise.all([...keys, ...keys, ...keys].map((key) => viewerOf(app, { key })))
  const [first, second] = seen
  expect(new Set(seen.map(({ actor }) => actor.id)).size).toBe(2)
  expect([first.actor.id, second.actor.id]).toContain(user.id)
  expect([first.role, second.role].sort()).toEqual(['ORG_MEMBER', null])
  expect(await viewerOf(app, { key: apiKey })).toMatchObject({ role: 'ORG_MEMBER' })
  expect(await rowsIn(app, 'users')).toBe(3)
})

test('accepting and first signing in at once make one person, whichever comes first', async () => {
  const { app, invite, accept, signIn } = await inviter()
  for (let round = 0; round < 5; round++) {
    const address = `ada${round}@example.com`
    const { token } = await invite(address)
    const key = await signIn(`ada-${round}`, address)
    const [accepted] = await Promise.all([accept({ token }), viewerOf(app, { key }), viewerOf(app, { key })])
    expect(await viewerOf(app, { key })).toMatchObject({
      role: 'ORG_MEMBER',
      actor: { id: accepted.user.id },
    })
  }
  expect(await rowsIn(app, 'users')).toBe(5)
})

test('the token makes a member of the user who has that address already', async () => {
  const { app, invite, accept, read } = await inviter()
  const { token: key, userId } = await person(app, 'ada', { email, email_verified: true })
  const { id, token } = await invite(email, { role: 'GUEST' })
  const { user, membership } = await accept({ token })
  expect(user.id).toBe(userId)
  expect(await viewerOf(app, { key })).toMatchObject({ role: 'GUEST' })
  // Who may not see members sees what came of their own invitation.
  expect(await read(id, key)).toMatchObject({ status: 'ACCEPTED', membership: { id: membership.id } })
})

test('who verifies the address only later comes into what it has accepted, with keys and all', async () => {
  const { app, acme, invite, accept, signIn, members } = await inviter()
  const { userId } = await person(app, 'ada', { email })
  const { id, token } = await invite(email, { accessType: 'ALL', role: 'ORG_ADMIN' })
  const { apiKey, membership, user } = await accept({ token })
  expect(user.id).not.toBe(userId)
  const made = await answerOf(app, CREATE_KEY, { name: 'CI', role: 'GUEST' }, { key: apiKey })

  const key = await signIn('ada', email)
  expect(await viewerOf(app, { key })).toMatchObject({ role: 'ORG_ADMIN', actor: { id: userId } })
  expect(await members()).toMatchObject([{ id: membership.id, user: { id: userId } }])
  expect(await viewerOf(app, { key: apiKey })).toMatchObject({ role: 'ORG_ADMIN' })
  expect(await viewerOf(app, { key: made.secret })).toMatchObject({ role: 'GUEST' })
  expect(await accept({ id }, key)).toMatchObject({ membership: { id: membership.id } })
  expect(await accept({ token })).toMatchObject({ membership: { id: membership.id }, user: { id: userId } })

  // What they accept while signed in is theirs, and stays so.
  const other = await organization(app, 'Other')
  const there = await invite(email, {}, other.key)
  const { data } = await app.call(
    ACCEPT_MEMBER_INVITATION,
    { input: { id: there.id } },
    { key, headers: { 'requester-organization-id': acme.id } },
  )
  expect(data.acceptMemberInvitation.user.id).toBe(userId)
})

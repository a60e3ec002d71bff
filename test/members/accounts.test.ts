import { expect, test } from 'vitest'
import { insertMembership } from '#domain/member.ts'
import { userOfMailbox } from '#domain/userAdoption.ts'
import { answerOf, CREATE_KEY, person, REMOVE_MEMBER, viewerOf } from '../identity/people.ts'
import { newest } from '../identity/records.ts'
import { organization } from '../kit/app.ts'
import { ACCEPT_MEMBER_INVITATION } from '../kit/story.ts'
import { HOUR } from '../kit/time.ts'
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

test('who has accepted by the mailed token alone is who first signs in with that address, verified', async () => {
  const { app, invite, mailed, accept, signIn } = await inviter()
  const { id } = await invite(email, { accessType: 'ALL' })
  const { user, apiKey } = await accept({ token: await mailed(id) })
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
  const { app, invite, mailed, accept, signIn } = await inviter()
  for (let round = 0; round < 5; round++) {
    const address = `ada${round}@example.com`
    const token = await mailed((await invite(address)).id)
    const key = await signIn(`ada-${round}`, address)
    const [accepted] = await Promise.all([accept({ token }), viewerOf(app, { key }), viewerOf(app, { key })])
    expect(await viewerOf(app, { key })).toMatchObject({
      role: 'ORG_MEMBER',
      actor: { id: accepted.user.id },
    })
  }
  expect(await rowsIn(app, 'users')).toBe(5)
})

test('by the token that was shown, who has signed in is not touched; by the one that was mailed, they come', async () => {
  const { app, invite, mailed, accept, decline, read } = await inviter()
  const { token: key, userId } = await person(app, 'ada', { email, email_verified: true })
  const shown = await invite(email, { role: 'GUEST' })
  const other = await organization(app, 'Other')
  const { user: unproved } = await accept({ token: shown.token })
  expect(unproved.id).not.toBe(userId)
  expect(await viewerOf(app, { key })).toMatchObject({ role: null })

  const { id, token } = await invite(email, { role: 'GUEST' }, other.key)
  const accepted = await accept({ token: await mailed(id) })
  expect(accepted.user.id).toBe(userId)
  expect(await viewerOf(app, { key })).toMatchObject({ role: 'GUEST' })
  expect(await accept({ token }, key)).toEqual(accepted)
  // Who may not see members sees what came of their own invitation.
  expect(await read(id, key)).toMatchObject({
    status: 'ACCEPTED',
    membership: { id: accepted.membership.id },
  })
  expect(await decline({ token: (await invite('eve@example.com')).token })).toMatchObject({
    memberInvitation: { status: 'DECLINED' },
  })
})

test('a token that a resend replaced proves no more than before; one that was mailed, no less', async () => {
  const { app, invite, mailed, resend, accept } = await inviter()
  const { userId } = await person(app, 'ada', { email, email_verified: true })
  const tokens = async (address: string) => {
    const { id, token } = await invite(address)
    const posted = await mailed(id)
    await resend({ id })
    return { token, posted }
  }
  expect((await accept({ token: (await tokens(email)).posted })).user.id).toBe(userId)
  const { userId: bob } = await person(app, 'bob', { email: 'bob@example.com', email_verified: true })
  const answer = await accept({ token: (await tokens('bob@example.com')).token })
  expect(answer).toMatchObject({ user: { email: 'bob@example.com' } })
  expect(answer.user.id).not.toBe(bob)
})

test('the token that was shown tells nothing of who has an account', async () => {
  const { app, invite, accept } = await inviter()
  await person(app, 'ada', { email, email_verified: true, name: 'Ada Lovelace' })
  const proved = await invite('known@example.com')
  await app.store.write((tx) =>
    userOfMailbox(tx, { email: 'known@example.com', email_key: 'known@example.com', name: 'Known' }),
  )
  const nobody = await invite('nobody@example.com')
  app.time.advance(HOUR)
  const answers = []
  for (const { token } of [await invite(email), proved, nobody]) {
    const answer = await accept({ token })
    expect(await accept({ token })).toEqual(answer)
    const { user, membership, memberInvitation } = answer
    const blank = JSON.stringify(answer)
      .replaceAll(user.email, 'EMAIL')
      .replaceAll(user.id, 'USER')
      .replaceAll(membership.id, 'MEMBERSHIP')
    answers.push(blank.replaceAll(memberInvitation.id, 'INVITATION'))
  }
  expect(answers[0]).toContain('"name":null,"email":"EMAIL"')
  expect(new Set(answers).size).toBe(1)
})

test('who came by a token that was shown is nobody’s at sign-in; who has the address takes over when they ask to', async () => {
  const { app, invite, mailed, accept, signIn, members } = await inviter()
  const { id, token } = await invite(email, { accessType: 'ALL', role: 'ORG_ADMIN' })
  const first = await accept({ token })
  const key = await signIn('ada', email)
  expect(await viewerOf(app, { key })).toMatchObject({ role: null, actor: { email } })
  expect(await members()).toMatchObject([{ user: { id: first.user.id } }])
  const unverified = await signIn('eve', email, false)
  expect(await accept({ token }, unverified)).toMatchObject({ reason: 'ALREADY_ACCEPTED' })
  expect(await accept({ token }, await signIn('bob', 'bob@example.com'))).toMatchObject({
    code: 'WRONG_ACCOUNT',
  })

  const taken = await accept({ id }, key)
  const { userId } = await person(app, 'ada', { email, email_verified: true })
  expect(taken).toMatchObject({
    ...{ apiKey: null, user: { id: userId }, membership: { id: first.membership.id, role: 'ORG_ADMIN' } },
    memberInvitation: { id, status: 'ACCEPTED', membership: { id: first.membership.id } },
  })
  expect(await viewerOf(app, { key })).toMatchObject({ role: 'ORG_ADMIN', actor: { id: userId } })
  expect(await accept({ id }, key)).toEqual(taken)
  expect(await accept({ token: await mailed(id) })).toEqual(taken)
  expect(await members()).toHaveLength(1)
  const keys = app.store.db.selectFrom('api_keys').select('created_by').where('created_by', 'is not', null)
  expect(await keys.execute()).toEqual([{ created_by: userId }])
})

test('the mailbox takes over too; who is a member keeps theirs, who was one comes back, who was removed stays so', async () => {
  const { app, acme, invite, mailed, accept, signIn, members } = await inviter()
  const post = await invite('post@example.com')
  const handed = await accept({ token: post.token })
  const proved = await accept({ token: await mailed(post.id) })
  expect(proved.membership).toMatchObject({ id: handed.membership.id, user: { id: proved.user.id } })
  expect(proved.user.id).not.toBe(handed.user.id)
  expect(await viewerOf(app, { key: await signIn('post', 'post@example.com') })).toMatchObject({
    ...{ role: 'ORG_MEMBER', actor: { id: proved.user.id } },
  })

  const { id, token } = await invite(email, { role: 'ORG_VIEWER', tags: ['night'] })
  const stranger = await accept({ token })
  const ada = await person(app, 'ada', { email, email_verified: true })
  const standing = { organizationId: acme.id, userId: ada.userId, role: 'GUEST', accessType: 'WEB' } as const
  const own = await app.store.write((tx) => insertMembership(tx, standing))
  expect(await accept({ id }, ada.token)).toMatchObject({ membership: { id: own.id, role: 'GUEST' } })
  await answerOf(app, REMOVE_MEMBER, { id: own.id }, { key: acme.key })
  expect(await accept({ id }, ada.token)).toMatchObject({
    membership: { id: own.id, role: 'ORG_VIEWER', tags: ['night'], removedAt: null },
  })
  expect((await members()).map(({ id }) => id)).toEqual([handed.membership.id, own.id])
  expect(stranger.membership.id).not.toBe(own.id)

  const gone = await invite('gone@example.com')
  const { membership } = await accept({ token: gone.token })
  await answerOf(app, REMOVE_MEMBER, { id: membership.id }, { key: acme.key })
  expect(await accept({ id: gone.id }, await signIn('gone', 'gone@example.com'))).toMatchObject({
    reason: 'ALREADY_ACCEPTED',
  })
})

test('who verifies the address only later comes into what it has accepted, with keys and all', async () => {
  const { app, acme, invite, mailed, accept, signIn, members } = await inviter()
  const { userId } = await person(app, 'ada', { email })
  const { id } = await invite(email, { accessType: 'ALL', role: 'ORG_ADMIN' })
  const token = await mailed(id)
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

import { expect, test } from 'vitest'
import { newId } from '#domain/ids.ts'
import { insertMembership } from '#domain/member.ts'
import { organization } from '../kit/app.ts'
import { HOUR } from '../kit/time.ts'
import { club, createLink } from './linking.ts'
import { answerOf, type IdentityApp, member, person, REMOVE_MEMBER } from './people.ts'

const WELCOME = `mutation ($input: SendWelcomeMessageInput!) { sendWelcomeMessage(input: $input) {
  __typename ... on UserError { code message } ... on InvalidInputError { issues { path } }
  ... on RateLimitedError { retryAfter }
  ... on SendWelcomeMessagePayload { queuedAt replayed user { id email isActive } } } }`
const ACTIVE = 'query ($id: ID!) { node(id: $id) { ... on User { isActive } } }'

const ADA = { email: 'ada@example.com', email_verified: true }
const mails = (app: IdentityApp) => app.store.db.selectFrom('mails').selectAll().orderBy('id').execute()

async function welcoming() {
  const all = await club()
  const { app, acme } = all
  const welcome = (userId: string, input: object = {}, key = acme.key) =>
    answerOf(app, WELCOME, { userId, template: 'WELCOME_MEMBER', ...input }, { key })
  const isActive = async (id: string, key = acme.key) =>
    (await app.call(ACTIVE, { id }, { key })).data.node?.isActive ?? null
  return { ...all, welcome, isActive }
}

test('a link, somebody who joins by it, whether they are active, a message of welcome', async () => {
  const { app, acme, join, welcome, isActive } = await welcoming()
  const { token } = await createLink(app, acme.key, { role: 'GUEST' })
  const ada = await person(app, 'ada', ADA)
  expect(await isActive(ada.userId)).toBeNull()
  expect(await isActive(ada.userId, ada.token)).toBe(false)
  expect(await welcome(ada.userId)).toMatchObject({ code: 'NOT_FOUND' })

  await join(token, ada.token)
  expect(await isActive(ada.userId)).toBe(true)
  // The organization's people are not a guest's to see; that they are in themselves is.
  expect(await isActive(ada.userId, ada.token)).toBe(true)
  const queuedAt = new Date(app.time.now()).toISOString()
  expect(await welcome(ada.userId, { template: 'WELCOME_GUEST', locale: 'de' })).toEqual({
    __typename: 'SendWelcomeMessagePayload',
    ...{ queuedAt, replayed: false, user: { id: ada.userId, email: ADA.email, isActive: true } },
  })
  expect(await mails(app)).toMatchObject([
    {
      ...{ organization_id: acme.id, user_id: ada.userId, actor_id: acme.keyId, invitation_id: null },
      ...{ template: 'welcome_guest', locale: 'de', email: ADA.email, state: 'QUEUED' },
    },
  ])
})

test('each message is sent once, unless it is to be sent again; the limits of mails hold', async () => {
  const { app, acme, welcome } = await welcoming()
  const ada = await person(app, 'ada', ADA)
  await app.store.write((tx) =>
    insertMembership(tx, {
      ...{ organizationId: acme.id, userId: ada.userId, role: 'ORG_MEMBER', accessType: 'WEB' },
    }),
  )
  const first = await welcome(ada.userId, { idempotencyKey: 'k' })
  expect(await welcome(ada.userId, { idempotencyKey: 'k' })).toEqual({ ...first, replayed: true })
  expect(await welcome(ada.userId)).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('again: true'),
  })
  const both = await Promise.all(
    Array.from({ length: 5 }, () => welcome(ada.userId, { template: 'WELCOME_GUEST' })),
  )
  expect(both.filter(({ code }) => code === 'CONFLICT')).toHaveLength(4)
  expect(await mails(app)).toHaveLength(2)
  app.time.advance(HOUR / 2)
  for (let number = 0; number < 3; number++) {
    expect((await welcome(ada.userId, { again: true })).queuedAt).toBe(new Date(app.time.now()).toISOString())
  }
  expect(await welcome(ada.userId, { again: true })).toMatchObject({ code: 'RATE_LIMITED', retryAfter: 1800 })
  expect(await mails(app)).toHaveLength(5)

  // What was given up has reached nobody.
  app.time.advance(HOUR)
  await app.store.write((tx) => tx.db.updateTable('mails').set({ state: 'FAILED' }).execute())
  expect((await welcome(ada.userId)).__typename).toBe('SendWelcomeMessagePayload')
  // Another organization welcomes them on its own.
  const other = await organization(app, 'Other')
  await app.store.write((tx) =>
    insertMembership(tx, {
      ...{ organizationId: other.id, userId: ada.userId, role: 'ORG_MEMBER', accessType: 'WEB' },
    }),
  )
  expect((await welcome(ada.userId, {}, other.key)).__typename).toBe('SendWelcomeMessagePayload')
})

test('who is no member, not active, or has no address is told apart', async () => {
  const { app, acme, welcome, isActive } = await welcoming()
  const other = await organization(app, 'Other')
  const elsewhere = await member(app, other.id, { name: 'elsewhere' })
  expect(await welcome(elsewhere.userId)).toMatchObject({ code: 'NOT_FOUND' })

  const ada = await member(app, acme.id, { name: 'ada' })
  expect(await isActive(ada.userId)).toBe(true)
  expect(await welcome(ada.userId)).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: ['userId'] }] })

  const unseen = newId('User')
  const join = (email: string | null) =>
    app.store.write(async (tx) => {
      const user = { id: unseen, issuer: '', subject: 'eve', email, email_key: email, name: null }
      await tx.db
        .insertInto('users')
        .values({ ...user, created_at: tx.now })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ email, email_key: email }))
        .execute()
      await insertMembership(tx, {
        ...{ organizationId: acme.id, userId: unseen, role: 'ORG_MEMBER', accessType: 'WEB' },
      })
    })
  await join(null)
  expect(await isActive(unseen)).toBe(false)
  expect(await welcome(unseen)).toMatchObject({ __typename: 'UserNotActiveError', code: 'USER_NOT_ACTIVE' })
  // The mailbox got an invitation, and accepted by it: that verifies the address.
  await join('eve@example.com')
  expect(await isActive(unseen)).toBe(true)
  expect((await welcome(unseen)).__typename).toBe('SendWelcomeMessagePayload')

  await member(app, acme.id, { name: 'boss' })
  await answerOf(app, REMOVE_MEMBER, { id: ada.membershipId }, { key: acme.key })
  expect(await isActive(ada.userId)).toBe(false)
  expect(await welcome(ada.userId)).toMatchObject({ code: 'NOT_FOUND' })
})

test('whether many are active is one question', async () => {
  const { app, acme } = await welcoming()
  for (const name of ['ada', 'eve', 'bob', 'dan']) await member(app, acme.id, { name })
  const ask = () =>
    app.call('{ organization { members { edges { node { user { isActive } } } } } }', {}, { key: acme.key })
  await ask()
  // That the key was used is noted after the answer.
  await app.store.write(async () => {})
  app.statements.length = 0
  const { data } = await ask()
  const active = { node: { user: { isActive: true } } }
  expect(data.organization.members.edges).toEqual([active, active, active, active])
  expect(app.statements, 'key, organization, members, users, whether they are active').toHaveLength(5)
})

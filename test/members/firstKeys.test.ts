import { expect, test } from 'vitest'
import { insertApiKey, type NewApiKey } from '#domain/apiKey.ts'
import { revokeDemoKeys } from '#domain/apiKeyRevocation.ts'
import { answerOf, CREATE_KEY, ROTATE_KEY, viewerOf } from '../identity/people.ts'
import { ACCEPT_GUEST_INVITATION, CREATE_GUEST_INVITATION } from '../kit/story.ts'
import { DAY, HOUR } from '../kit/time.ts'
import { inviter, rowsIn } from './inviting.ts'

/** An organization that invites, by a key like this, a member who uses keys, a guest, and people who sign in. */
async function invitedBy(bounds: Partial<NewApiKey>) {
  const setup = await inviter()
  const { app, acme, at, invite, accept, signIn } = setup
  const { apiKey, secret } = await app.store.write((tx) =>
    insertApiKey(tx, { organizationId: acme.id, role: 'ORG_ADMIN', ...bounds }),
  )
  const toGuest = (email: string) =>
    answerOf(app, CREATE_GUEST_INVITATION, { email, expiresAt: at(DAY), sendEmail: false }, { key: secret })
  const asGuest = (token: string, key?: string) =>
    answerOf(app, ACCEPT_GUEST_INVITATION, { token, organizationName: key ? 'Bob’s' : 'Guests' }, { key })
  const member = await invite('ci@example.com', { accessType: 'API', role: 'ORG_ADMIN' }, secret)
  const person = await invite('ada@example.com', { accessType: 'ALL' }, secret)
  const guest = (await toGuest('guest@example.com')).token
  const founder = (await toGuest('bob@example.com')).token
  return {
    ...setup,
    ...{ id: apiKey.id, secret },
    /** The first keys of those who come by the token alone. */
    byToken: async () => [await accept({ token: member.token }), await asGuest(guest)],
    /** Those of people who have signed in. */
    bySignIn: async () => [
      await accept({ id: person.id }, await signIn('ada', 'ada@example.com')),
      await asGuest(founder, await signIn('bob', 'bob@example.com')),
    ],
    role: async (key: string) => (await viewerOf(app, { key }))?.role ?? null,
  }
}

test('what a key that ends has invited by a token alone ends with it, and makes nothing that does not', async () => {
  const { app, at, byToken, bySignIn, role } = await invitedBy({ expiresAt: Date.UTC(2030, 0, 1, 1) })
  expect(at(HOUR)).toBe('2030-01-01T01:00:00.000Z')
  const brief = (await byToken()).map(({ apiKey }) => apiKey)
  for (const key of [...brief]) {
    brief.push((await answerOf(app, CREATE_KEY, { name: 'More', role: 'GUEST' }, { key })).secret)
  }
  const theirs = (await bySignIn()).map(({ apiKey }) => apiKey)
  expect(await Promise.all(brief.map(role))).toEqual(['ORG_ADMIN', 'ORG_ADMIN', 'GUEST', 'GUEST'])
  app.time.advance(HOUR)
  expect(await Promise.all(brief.map(role))).toEqual([null, null, null, null])
  expect(await Promise.all(theirs.map(role))).toEqual(['ORG_MEMBER', 'ORG_ADMIN'])
})

test('what a demo key has invited by a token alone ends with the demo keys', async () => {
  const { app, acme, byToken, bySignIn, role } = await invitedBy({ demo: true })
  const keys = (await byToken()).map(({ apiKey }) => apiKey)
  const theirs = (await bySignIn()).map(({ apiKey }) => apiKey)
  await revokeDemoKeys(app.store)
  expect(await Promise.all(keys.map(role))).toEqual([null, null])
  expect(await Promise.all([acme.key, ...theirs].map(role))).toEqual(['ORG_ADMIN', 'ORG_MEMBER', 'ORG_ADMIN'])
})

test('once the key has ended, who would get none is told, and nothing is made', async () => {
  const { app, byToken } = await invitedBy({ expiresAt: Date.UTC(2030, 0, 1, 1) })
  app.time.advance(HOUR)
  const refused = { code: 'INVITATION_CLOSED' }
  expect(await byToken()).toMatchObject([refused, refused])
  expect(await rowsIn(app, 'users')).toBe(0)
  expect(await rowsIn(app, 'api_keys')).toBe(2)
})

test('a rotated key hands its invitations to the new one, with which their keys end', async () => {
  const { app, acme, id, secret, byToken, role } = await invitedBy({ expiresAt: Date.UTC(2030, 0, 1, 4) })
  app.time.advance(3 * HOUR)
  await answerOf(app, ROTATE_KEY, { id, overlapHours: 0 }, { key: acme.key })
  expect(await role(secret)).toBeNull()
  const keys = (await byToken()).map(({ apiKey }) => apiKey)
  app.time.advance(4 * HOUR - 1)
  expect(await Promise.all(keys.map(role))).toEqual(['ORG_ADMIN', 'ORG_ADMIN'])
  app.time.advance(1)
  expect(await Promise.all(keys.map(role))).toEqual([null, null])
})

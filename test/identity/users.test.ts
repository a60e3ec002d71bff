import { expect, test } from 'vitest'
import { organization } from '../kit/app.ts'
import { ACCEPT_INVITE, asker, house, invite } from '../kit/story.ts'
import { answerOf, CREATE_KEY, type IdentityApp, identityApp, member, person, viewerOf } from './people.ts'

const users = (app: IdentityApp) => app.store.db.selectFrom('users').selectAll().execute()
const NAMES = 'mutation { createIntegration(input: { name: "Annex" }) { __typename } }'

test('the first sign-in makes a user, later ones bring them up to date', async () => {
  const app = await identityApp()
  const claims = { name: 'Ada', email: ' Ada@EXAMPLE.com ', email_verified: true }
  const { token, userId } = await person(app, 'ada', claims)
  expect(await viewerOf(app, { key: token })).toEqual({
    role: null,
    actor: { __typename: 'User', id: userId, name: 'Ada', email: 'Ada@example.com' },
  })
  const sign = (changed: object) => app.provider.sign({ sub: 'ada', ...claims, ...changed })
  for (const [changed, actor] of [
    [{ name: 'Ada King' }, { name: 'Ada King', email: 'Ada@example.com' }],
    [{ name: undefined }, { name: 'Ada King' }],
    [{ email: 'king@example.com' }, { email: 'king@example.com' }],
    [{ email: 'king@example.com', email_verified: false }, { email: null }],
    [{ email: 'king@example.com', email_verified: undefined }, { email: null }],
    [{ email: 'no address' }, { email: null }],
    [{ email: 'king@Bücher.example.' }, { email: 'king@xn--bcher-kva.example' }],
    [{ email: 'x,king@example.com' }, { email: null }],
    [{ email: `${'x'.repeat(250)}@example.com` }, { email: null }],
    [{ name: ' Ada\n\u0000K\ud800 ' }, { name: 'Ada K\ufffd' }],
    [{ name: '👩'.repeat(300) }, { name: '👩'.repeat(200) }],
  ] as const) {
    expect(await viewerOf(app, { key: await sign(changed) })).toMatchObject({
      actor: { id: userId, ...actor },
    })
  }
  expect(await users(app)).toHaveLength(1)
  const other = await person(app, 'ada-2', claims)
  expect(other.userId).not.toBe(userId)
})

test('many first sign-ins at once make one user', async () => {
  const app = await identityApp()
  const key = await app.provider.sign({ sub: 'ada' })
  const seen = await Promise.all(Array.from({ length: 20 }, () => viewerOf(app, { key })))
  expect(new Set(seen.map((viewer) => viewer.actor.id)).size).toBe(1)
  expect(await users(app)).toHaveLength(1)
})

test('a newcomer may see who they are, and do what is public', async () => {
  const app = await identityApp()
  const acme = await house(app)
  const { token } = await person(app, 'ada')
  const options = { key: token }
  const { data, errors } = await app.call(
    '{ organization { id } viewer { role organization { id } target { id } can(action: INVITE_READ) { allowed code } } }',
    {},
    options,
  )
  expect({ data, errors }).toEqual({
    data: {
      organization: null,
      viewer: { role: null, organization: null, target: null, can: { allowed: false, code: 'FORBIDDEN' } },
    },
    errors: [],
  })
  const { data: seen } = await app.call('query ($id: ID!) { node(id: $id) { id } }', { id: acme.id }, options)
  expect(seen).toEqual({ node: null })
  expect((await app.call(NAMES, {}, options)).errors[0]?.extensions.code).toBe('FORBIDDEN')
  const { token: link } = await invite(acme)
  const { acceptInvite } = await asker(app, token)(ACCEPT_INVITE, { input: { token: link } })
  expect(acceptInvite.__typename).toBe('AcceptInvitePayload')
})

test('a member acts in their role, for the organization that they name', async () => {
  const app = await identityApp()
  const [acme, other, third] = [
    await organization(app),
    await organization(app, 'Other'),
    await organization(app, 'Third'),
  ]
  const { token: key, userId } = await member(app, acme.id, { role: 'ORG_VIEWER', accessType: 'WEB' })
  expect(await viewerOf(app, { key })).toMatchObject({ role: 'ORG_VIEWER', actor: { id: userId } })
  expect((await app.call(NAMES, {}, { key })).errors[0]?.extensions.code).toBe('FORBIDDEN')
  const as = (organizationId: string) => ({ key, headers: { 'requester-organization-id': organizationId } })
  expect(await viewerOf(app, as(acme.id))).toMatchObject({ role: 'ORG_VIEWER' })
  expect((await app.call(NAMES, {}, as(other.id))).errors[0]?.extensions.code).toBe('FORBIDDEN')

  await member(app, other.id, { role: 'PORTAL_ADMIN', accessType: 'WEB' })
  const unnamed = await app.call(NAMES, {}, { key })
  expect(unnamed).toMatchObject({
    data: null,
    errors: [{ extensions: { code: 'BAD_USER_INPUT', organizationIds: [acme.id, other.id] } }],
  })
  expect(await viewerOf(app, as(acme.id))).toMatchObject({ role: 'ORG_VIEWER' })
  expect((await app.call(NAMES, {}, as(other.id))).data.createIntegration.__typename).toMatch(/Payload$/)
  for (const stranger of [third.id, 'nonsense', '%']) {
    expect((await app.call(NAMES, {}, as(stranger))).errors[0]?.extensions.code).toBe('FORBIDDEN')
  }
})

test('API members do not sign in, and do not count among several; WEB members use no keys', async () => {
  const app = await identityApp()
  const [acme, other] = [await organization(app), await organization(app, 'Other')]
  const { token: key } = await member(app, acme.id, { accessType: 'API' })
  const forAcme = { key, headers: { 'requester-organization-id': acme.id } }
  expect(await app.call('{ viewer { role } }', {}, forAcme)).toMatchObject({
    ...{
      data: null,
      errors: [{ message: expect.stringContaining('API keys'), extensions: { code: 'FORBIDDEN' } }],
    },
  })
  expect(await viewerOf(app, { key })).toMatchObject({ role: null })
  expect((await app.call(NAMES, {}, { key })).errors[0]?.extensions.code).toBe('FORBIDDEN')
  await member(app, other.id, { accessType: 'WEB', role: 'ORG_ADMIN' })
  expect(await viewerOf(app, { key })).toMatchObject({ role: 'ORG_ADMIN' })
  const { secret } = await answerOf(app, CREATE_KEY, { name: 'x', role: 'GUEST' }, { key })
  expect(await app.call('{ viewer { role } }', {}, { key: secret })).toMatchObject({ status: 401 })
})

import { expect, test, vi } from 'vitest'
import { insertApiKey } from '#domain/apiKey.ts'
import { firstResult } from '../access/stream.ts'
import { organization } from '../kit/app.ts'
import { HOUR } from '../kit/time.ts'
import { club, createLink, REGENERATE_LINK, REVIVE_LINK, REVOKE_LINK, UPDATE_LINK } from './linking.ts'
import { answerOf, member, REMOVE_MEMBER } from './people.ts'

test('a link is made once for each role; its secret is shown once', async () => {
  const { app, acme, links, look } = await club()
  const input = { maxUses: 3, expiresAt: '2030-01-02T00:00:00Z', idempotencyKey: 'k' }
  const made = await createLink(app, acme.key, input)
  expect(made).toMatchObject({
    token: expect.stringMatching(/^lk_join_/),
    inviteUrl: `https://latchkey.test/invite/${made.token}`,
    replayed: false,
    joinLink: {
      ...{ version: 1, role: 'ORG_MEMBER', status: 'PENDING', maxUses: 3, uses: 0, usesRemaining: 3 },
      expiresAt: '2030-01-02T00:00:00.000Z',
    },
  })
  expect(await createLink(app, acme.key, input)).toEqual({
    ...made,
    ...{ token: null, inviteUrl: null, replayed: true },
  })
  expect(await createLink(app, acme.key)).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('change it'),
    current: { id: made.joinLink.id },
  })
  expect(await look(made.token)).toEqual({
    ...{ kind: 'JOIN', organizationName: 'Acme', email: null, name: null, role: 'ORG_MEMBER' },
    ...{ status: 'PENDING', usesRemaining: 3, expiresAt: made.joinLink.expiresAt },
    ...{ acceptable: true, closedReason: null },
  })
  for (const role of ['PORTAL_ADMIN', 'ORG_VIEWER', 'GUEST']) {
    expect((await createLink(app, acme.key, { role })).joinLink).toMatchObject({ role, maxUses: null })
  }
  for (const role of ['ORG_ADMIN', 'OPERATOR']) {
    expect(await createLink(app, acme.key, { role })).toMatchObject({ issues: [{ path: ['role'] }] })
  }
  expect(await links()).toHaveLength(4)
  expect(await links({ roles: ['GUEST', 'ORG_MEMBER'], statuses: ['PENDING'] })).toMatchObject([
    { role: 'GUEST' },
    { role: 'ORG_MEMBER' },
  ])
  expect(await links({ roles: [] })).toEqual([])
  expect(await links({ statuses: ['EXPIRED', 'REVOKED', 'EXHAUSTED', 'SCHEDULED'] })).toEqual([])
  // One that is made elsewhere stands in nobody's way here.
  const other = await organization(app, 'Other')
  expect((await createLink(app, other.key)).__typename).toBe('CreateJoinLinkPayload')
})

test('twenty who make the same link at once make one', async () => {
  const { app, acme, links } = await club()
  const made = await Promise.all(Array.from({ length: 20 }, () => createLink(app, acme.key)))
  expect(made.filter(({ __typename }) => __typename === 'CreateJoinLinkPayload')).toHaveLength(1)
  expect(made.filter(({ code }) => code === 'CONFLICT')).toHaveLength(19)
  expect(await links()).toHaveLength(1)
})

test('nobody makes a link for a role that they, with the scopes of their key, may not give', async () => {
  const { app, acme, change } = await club()
  const confined = await app.store.write((tx) =>
    insertApiKey(tx, {
      ...{ organizationId: acme.id, role: 'ORG_ADMIN' },
      scopes: ['joinLink:create', 'joinLink:update', 'joinLink:read'],
    }),
  )
  expect(await createLink(app, confined.secret, { role: 'ORG_VIEWER' })).toMatchObject({
    issues: [{ path: ['role'], message: 'The scopes of your key cannot give the role ORG_VIEWER.' }],
  })
  expect((await createLink(app, confined.secret, { role: 'GUEST' })).token).toMatch(/^lk_join_/)
  // Whoever makes a secret anew has it: that would be a way around.
  const { joinLink, token } = await createLink(app, acme.key)
  expect(await change(REGENERATE_LINK, { id: joinLink.id }, confined.secret)).toMatchObject({
    issues: [{ path: ['id'] }],
  })
  expect((await change(UPDATE_LINK, { id: joinLink.id, maxUses: 5 }, confined.secret)).joinLink.maxUses).toBe(
    5,
  )
  expect((await change(REGENERATE_LINK, { id: joinLink.id })).token).not.toBe(token)
})

test('nobody gives more people, or for longer, a role that they, with the scopes of their key, may not give', async () => {
  const { app, acme, change, links } = await club()
  const { secret } = await app.store.write((tx) =>
    insertApiKey(tx, {
      ...{ organizationId: acme.id, role: 'ORG_ADMIN' },
      scopes: ['joinLink:update', 'joinLink:read'],
    }),
  )
  const end = (hours: number) => new Date(app.time.now() + hours * HOUR).toISOString()
  const input = { role: 'PORTAL_ADMIN', maxUses: 3, expiresAt: end(3) }
  const { id } = (await createLink(app, acme.key, input)).joinLink
  const refused = {
    issues: [{ path: ['id'], message: 'The scopes of your key cannot give the role PORTAL_ADMIN.' }],
  }
  for (const more of [{ maxUses: 4 }, { maxUses: null }, { expiresAt: end(4) }, { expiresAt: null }]) {
    expect(await change(UPDATE_LINK, { id, ...more }, secret), JSON.stringify(more)).toMatchObject(refused)
  }
  expect(await links()).toMatchObject([{ version: 1, maxUses: 3, expiresAt: end(3) }])
  const less = { maxUses: 2, expiresAt: end(1) }
  expect(await change(UPDATE_LINK, { id, ...less }, secret)).toMatchObject({ joinLink: less })
  app.time.advance(HOUR)
  expect(await change(REVIVE_LINK, { id }, secret)).toMatchObject(refused)
  const { data } = await app.call(
    'query ($id: ID!) { joinLink(id: $id) { status viewerCanRevive { allowed code reason } } }',
    { id },
    { key: secret },
  )
  expect(data.joinLink).toEqual({
    status: 'EXPIRED',
    viewerCanRevive: { allowed: false, code: 'FORBIDDEN', reason: refused.issues[0]?.message },
  })
  expect(await change(REVIVE_LINK, { id })).toMatchObject({ joinLink: { status: 'PENDING' } })
})

test('a link that somebody made who has left works again once another gives its role', async () => {
  const { app, acme, change, join, people } = await club()
  await member(app, acme.id, { name: 'boss' })
  const bob = await member(app, acme.id, { name: 'bob' })
  const end = (hours: number) => new Date(app.time.now() + hours * HOUR).toISOString()
  const make = (role: string) => createLink(app, bob.token, { role, maxUses: 5, expiresAt: end(2) })
  const made = {
    regenerated: await make('PORTAL_ADMIN'),
    extended: await make('ORG_MEMBER'),
    raised: await make('ORG_VIEWER'),
    revived: await make('GUEST'),
  }
  const [ada] = await people(1)
  const answer = (token: string) => join(token, ada?.token ?? '')
  await answerOf(app, REMOVE_MEMBER, { id: bob.membershipId }, { key: acme.key })
  const idOf = (name: keyof typeof made) => made[name].joinLink.id
  // What gives nothing leaves it as it was.
  expect(await change(UPDATE_LINK, { id: idOf('raised'), maxUses: 4 })).toMatchObject({
    joinLink: { maxUses: 4 },
  })
  for (const { token } of Object.values(made)) {
    expect(await answer(token)).toMatchObject({ reason: 'ROLE_NOT_GRANTABLE' })
  }
  const { token } = await change(REGENERATE_LINK, { id: idOf('regenerated') })
  await change(UPDATE_LINK, { id: idOf('extended'), expiresAt: end(9) })
  await change(UPDATE_LINK, { id: idOf('raised'), maxUses: null })
  await change(UPDATE_LINK, { id: idOf('revived'), expiresAt: end(1) })
  app.time.advance(HOUR)
  await change(REVIVE_LINK, { id: idOf('revived') })
  const joining = await people(4)
  const tokens = [token, made.extended.token, made.raised.token, made.revived.token]
  const roles = []
  for (const [index, each] of tokens.entries()) {
    roles.push((await join(each, joining[index]?.token ?? '')).membership?.role)
  }
  expect(roles).toEqual(['PORTAL_ADMIN', 'ORG_MEMBER', 'ORG_VIEWER', 'GUEST'])
})

test('an update sets what is given, clears what is null, keeps what is left out, and sees conflicts', async () => {
  const { app, acme, change, join, people, story } = await club()
  const expiresAt = '2030-01-02T00:00:00.000Z'
  const { joinLink, token } = await createLink(app, acme.key, { maxUses: 3, expiresAt })
  const { id } = joinLink
  const update = (input: object) => change(UPDATE_LINK, { id, ...input })
  expect((await update({ maxUses: 2 })).joinLink).toMatchObject({ maxUses: 2, expiresAt, version: 2 })
  expect((await update({ expiresAt: null })).joinLink).toMatchObject({ maxUses: 2, expiresAt: null })
  expect((await update({ maxUses: null, expiresAt })).joinLink).toMatchObject({ maxUses: null, expiresAt })
  expect(await update({ maxUses: 5, expectedVersion: 3 })).toMatchObject({
    code: 'CONFLICT',
    current: { id, version: 4 },
  })
  for (const { token: key } of await people(2)) await join(token, key)
  expect(await update({ maxUses: 1, expiresAt: '2029-01-01T00:00:00Z' })).toMatchObject({
    issues: [{ path: ['expiresAt'] }, { path: ['maxUses'], message: expect.stringContaining('at least 2') }],
  })
  expect((await update({ maxUses: 2, expectedVersion: 4 })).joinLink).toMatchObject({
    ...{ status: 'EXHAUSTED', usesRemaining: 0 },
    ...{ viewerCanUpdate: { allowed: true }, viewerCanRevive: { allowed: false, code: 'CONFLICT' } },
  })
  expect(await change(REVIVE_LINK, { id })).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('more uses'),
  })
  expect((await update({ maxUses: 3 })).joinLink).toMatchObject({ status: 'PENDING', usesRemaining: 1 })
  expect(await story(id)).toEqual([
    ...['CREATED: PENDING', 'UPDATED: PENDING', 'UPDATED: PENDING', 'UPDATED: PENDING'],
    ...['USED: PENDING', 'USED: PENDING', 'UPDATED: EXHAUSTED', 'UPDATED: PENDING'],
  ])
})

test('a link expires by the clock, holds its place, is revived, and is revoked for good', async () => {
  const { app, acme, change, join, look, people, links, story } = await club()
  const end = (hours: number) => new Date(app.time.now() + hours * HOUR).toISOString()
  const { joinLink, token } = await createLink(app, acme.key, { expiresAt: end(1) })
  const { id } = joinLink
  const [ada] = await people(1)
  const tryJoining = () => join(token, ada?.token ?? '')
  expect(await change(REVIVE_LINK, { id })).toMatchObject({ code: 'CONFLICT', current: { id } })
  const expiredAt = end(1)
  app.time.advance(HOUR)
  await vi.waitFor(async () => expect(await story(id)).toEqual(['CREATED: PENDING', 'EXPIRED: EXPIRED']))
  expect(await tryJoining()).toMatchObject({ reason: 'EXPIRED', closedAt: expiredAt })
  expect(await look(token)).toMatchObject({ status: 'EXPIRED', acceptable: false, closedReason: 'EXPIRED' })
  const [link] = await links({ statuses: ['EXPIRED'] })
  expect(link).toMatchObject({
    viewerCanUpdate: { allowed: false, code: 'EXPIRED' },
    viewerCanRevoke: { allowed: true },
    viewerCanRevive: { allowed: true },
  })
  expect(await change(UPDATE_LINK, { id, maxUses: 5 })).toMatchObject({ reason: 'EXPIRED' })
  expect(await createLink(app, acme.key)).toMatchObject({ message: expect.stringContaining('revive it') })
  expect(await change(REVIVE_LINK, { id, expiresAt: expiredAt })).toMatchObject({
    issues: [{ path: ['expiresAt'] }],
  })
  expect((await change(REVIVE_LINK, { id, expiresAt: end(1) })).joinLink.status).toBe('PENDING')
  app.time.advance(HOUR)
  expect((await change(REVIVE_LINK, { id })).joinLink).toMatchObject({ status: 'PENDING', expiresAt: null })
  expect((await tryJoining()).membership.role).toBe('ORG_MEMBER')

  expect((await change(REVOKE_LINK, { id })).joinLink).toMatchObject({
    ...{ status: 'REVOKED', revokedAt: end(0) },
    ...{ viewerCanRevoke: { allowed: false, code: 'REVOKED' }, viewerCanRevive: { code: 'CONFLICT' } },
  })
  for (const document of [REVOKE_LINK, UPDATE_LINK, REGENERATE_LINK]) {
    expect(await change(document, { id })).toMatchObject({ reason: 'REVOKED', closedAt: end(0) })
  }
  expect(await change(REVIVE_LINK, { id })).toMatchObject({ code: 'CONFLICT' })
  expect((await createLink(app, acme.key)).__typename).toBe('CreateJoinLinkPayload')
  expect(await links({ statuses: ['REVOKED'] })).toMatchObject([{ id }])
  expect(await story(id)).toEqual([
    ...['CREATED: PENDING', 'EXPIRED: EXPIRED', 'RESTORED: PENDING', 'EXPIRED: EXPIRED'],
    ...['RESTORED: PENDING', 'USED: PENDING', 'REVOKED: REVOKED'],
  ])
})

test('a secret that is made anew kills the old one', async () => {
  const { app, acme, change, join, look, people } = await club()
  const { joinLink, token } = await createLink(app, acme.key)
  const [ada] = await people(1)
  const renewed = await change(REGENERATE_LINK, {
    ...{ id: joinLink.id, expectedVersion: 1, idempotencyKey: 'once' },
  })
  expect(renewed).toMatchObject({
    ...{ inviteUrl: `https://latchkey.test/invite/${renewed.token}`, replayed: false },
    joinLink: { id: joinLink.id, version: 2 },
  })
  expect(
    await change(REGENERATE_LINK, { id: joinLink.id, expectedVersion: 1, idempotencyKey: 'once' }),
  ).toMatchObject({ ...renewed, token: null, inviteUrl: null, replayed: true })
  expect(await look(token)).toBeNull()
  expect(await join(token, ada?.token ?? '')).toMatchObject({ code: 'NOT_FOUND' })
  expect((await join(renewed.token, ada?.token ?? '')).membership.role).toBe('ORG_MEMBER')
})

test('members read them as their role allows, and see no secret', async () => {
  const { app, acme } = await club()
  await createLink(app, acme.key)
  const viewer = await member(app, acme.id, { role: 'ORG_VIEWER', accessType: 'WEB' })
  const { data } = await app.call(
    '{ organization { joinLinks { edges { node { role createdBy { __typename } viewerCanUpdate { code } } } } } }',
    {},
    { key: viewer.token },
  )
  expect(data.organization.joinLinks.edges).toEqual([
    { node: { role: 'ORG_MEMBER', createdBy: null, viewerCanUpdate: { code: 'FORBIDDEN' } } },
  ])
})

test('the log tells of them, and they are followed by their ids', async () => {
  const { app, acme, join, people } = await club()
  await createLink(app, acme.key, { role: 'GUEST' })
  const { joinLink, token } = await createLink(app, acme.key)
  const [ada] = await people(1)
  await join(token, ada?.token ?? '')
  const event =
    'type actor { ... on User { id } ... on ApiKey { id } } invitation { id ... on JoinLink { role uses } }'
  const { data } = await app.call(
    `{ organization { invitationEvents { edges { node { ${event} } } } } }`,
    {},
    { key: acme.key },
  )
  const invitation = { id: joinLink.id, role: 'ORG_MEMBER', uses: 1 }
  expect(data.organization.invitationEvents.edges.slice(1)).toEqual([
    { node: { type: 'CREATED', actor: { id: acme.keyId }, invitation } },
    { node: { type: 'USED', actor: { id: ada?.userId }, invitation } },
  ])
  const after = Buffer.from(`${acme.id}:0`).toString('base64url')
  const followed = await firstResult(
    app,
    `subscription ($id: ID!, $after: String) { invitationEvents(invitationIds: [$id], after: $after) { sequence ${event} } }`,
    { id: joinLink.id, after },
    { key: acme.key },
  )
  expect(followed.data.invitationEvents).toMatchObject({ sequence: 2, type: 'CREATED', invitation })
})

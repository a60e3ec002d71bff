import { expect, test, vi } from 'vitest'
import type { Permission } from '#domain/access.ts'
import { insertApiKey } from '#domain/apiKey.ts'
import { type TestApp, testApp } from '../kit/app.ts'
import { joinLink } from '../kit/estate.ts'
import { ACCEPT_INVITE, asker, CREATE_GUEST_INVITATION, house, invite, REVOKE_INVITE } from '../kit/story.ts'
import { HOUR, SECOND } from '../kit/time.ts'

const TIMELINE = `query ($id: ID!, $first: Int, $after: String) { node(id: $id) { ... on Invitation {
  timeline(first: $first, after: $after) {
    edges { cursor node { type status detail at actor { ... on ApiKey { id } } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } } } }`
const PREVIEW = `query ($token: String!) { invitationPreview(token: $token) { kind } }`

async function told() {
  const app = await testApp()
  const acme = await house(app)
  const stranger = asker(app)
  const timeline = async (id: string, args: object = {}) =>
    (await acme.ask(TIMELINE, { id, ...args })).node.timeline
  const entries = async (id: string) =>
    (await timeline(id)).edges.map(({ node }: { node: Record<string, string> }) =>
      [node.type, node.status].filter(Boolean).join(': '),
    )
  const look = async (token: string) => {
    const before = (await notes(app)).length
    await stranger(PREVIEW, { token })
    await vi.waitFor(async () => expect((await notes(app)).length).toBe(before + 1))
  }
  return { app, acme, stranger, timeline, entries, look }
}

/** What has been looked at. */
async function notes({ store }: Pick<TestApp, 'store'>) {
  const found: { id: string; version: number; previewed_at: number | null }[] = []
  for (const table of ['invites', 'guest_invitations', 'join_links'] as const) {
    found.push(
      ...(await store.db
        .selectFrom(table)
        .select(['id', 'version', 'previewed_at'])
        .where('previewed_at', 'is not', null)
        .execute()),
    )
  }
  return found
}

test('what happened to an access invite, in the order of time, with who did it', async () => {
  const { app, acme, stranger, timeline, entries, look } = await told()
  const at = () => new Date(app.time.now()).toISOString()
  const made = at()
  const { id, token } = await invite(acme, { startsIn: '1h', expiresIn: '2h', maxUses: 2 })
  app.time.advance(SECOND)
  await look(token)
  const looked = at()
  app.time.advance(2 * HOUR)
  await stranger(ACCEPT_INVITE, { input: { token } })
  app.time.advance(SECOND)
  await stranger(PREVIEW, { token })
  await acme.ask(REVOKE_INVITE, { id })
  expect(await entries(id)).toEqual([
    ...['CREATED: SCHEDULED', 'PREVIEWED', 'OPENED: PENDING', 'USED', 'REVOKED: REVOKED'],
  ])
  const { edges, pageInfo } = await timeline(id)
  expect(edges[0].node).toEqual({
    ...{ type: 'CREATED', status: 'SCHEDULED', detail: null, at: made, actor: { id: acme.keyId } },
  })
  expect(edges[1].node).toMatchObject({ at: looked, actor: null })
  expect(edges[2].node.actor).toBeNull()
  expect(edges[4].node.actor).toEqual({ id: acme.keyId })
  expect(pageInfo).toEqual({
    ...{ hasNextPage: false, hasPreviousPage: false },
    ...{ startCursor: edges[0].cursor, endCursor: edges[4].cursor },
  })
})

test('the mails of an invitation are in it: queued on behalf of whom, and why they were given up', async () => {
  const { app, acme, entries, timeline } = await told()
  const { createGuestInvitation } = await acme.ask(CREATE_GUEST_INVITATION, {
    input: { email: 'ada@example.com', expiresAt: '2030-01-01T02:00:00Z' },
  })
  const { id } = createGuestInvitation.guestInvitation
  expect(await entries(id)).toEqual(['CREATED: PENDING', 'MAIL_QUEUED'])
  expect((await timeline(id)).edges[1].node.actor).toEqual({ id: acme.keyId })
  app.time.advance(HOUR)
  await app.store.write((tx) =>
    tx.db
      .updateTable('mails')
      .set({ state: 'FAILED', due_at: null, failed_at: tx.now, last_error: '550 No such user' })
      .execute(),
  )
  app.time.advance(HOUR)
  await vi.waitFor(async () =>
    expect(await entries(id)).toEqual([
      ...['CREATED: PENDING', 'MAIL_QUEUED', 'MAIL_FAILED', 'EXPIRED: EXPIRED'],
    ]),
  )
  expect((await timeline(id)).edges[2].node).toMatchObject({ detail: '550 No such user', status: null })
})

test('pages neither skip nor repeat an entry, though all be of one instant', async () => {
  const { app, acme, stranger, timeline, look } = await told()
  const { id, token } = await invite(acme)
  await look(token)
  for (let number = 0; number < 6; number++) {
    if (number % 2) app.time.advance(SECOND)
    await stranger(ACCEPT_INVITE, { input: { token } })
  }
  const all = (await timeline(id)).edges
  expect(all).toHaveLength(8)
  for (const first of [1, 2, 3, 7]) {
    const paged: unknown[] = []
    for (let after: string | undefined, more = true; more; ) {
      const page = await timeline(id, { first, after })
      expect(page.pageInfo.hasPreviousPage).toBe(after !== undefined)
      paged.push(...page.edges)
      after = page.pageInfo.endCursor
      more = page.pageInfo.hasNextPage
    }
    expect(paged, `pages of ${first}`).toEqual(all)
  }
  for (const args of [{ first: 101 }, { first: -1 }, { after: 'x' }, { after: 'WzFd' }]) {
    const { errors } = await app.call(TIMELINE, { id, ...args }, { key: acme.key })
    expect(errors[0]?.extensions.code, JSON.stringify(args)).toBe('BAD_USER_INPUT')
  }
})

test('a level of timelines takes one statement, whatever kinds of invitations they are of', async () => {
  const { app, acme } = await told()
  const ids = [(await joinLink(acme)).id]
  for (let number = 0; number < 5; number++) ids.push((await invite(acme)).id)
  const { createGuestInvitation } = await acme.ask(CREATE_GUEST_INVITATION, {
    input: { email: 'ada@example.com', expiresAt: '2030-01-02T00:00:00Z' },
  })
  ids.push(createGuestInvitation.guestInvitation.id)
  app.statements.length = 0
  const { nodes } = await acme.ask(
    `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Invitation {
      timeline { edges { node { type actor { __typename } } } } } } }`,
    { ids },
  )
  expect(nodes.map(({ timeline }: { timeline: { edges: unknown[] } }) => timeline.edges.length)).toEqual([
    ...[1, 1, 1, 1, 1, 1, 2],
  ])
  expect(app.statements, 'key, three kinds, timelines, actors').toHaveLength(6)
})

test('whoever may not read events sees no timeline; who may see nobody’s keys, no key', async () => {
  const { app, acme } = await told()
  const { id } = await invite(acme)
  const ask = async (scopes: Permission[]) => {
    const key = { organizationId: acme.id, role: 'ORG_ADMIN', scopes } as const
    const { secret } = await app.store.write((tx) => insertApiKey(tx, key))
    return app.call(TIMELINE, { id }, { key: secret })
  }
  expect((await ask(['invite:read'])).errors[0]?.extensions.code).toBe('FORBIDDEN')
  const { data } = await ask(['invite:read', 'event:read'])
  expect(data.node.timeline.edges).toMatchObject([{ node: { type: 'CREATED', actor: null } }])
})

test('a look is noted once, changes nothing else, and many at once are written together', async () => {
  const { app, acme, stranger } = await told()
  const tokens: string[] = [(await joinLink(acme)).token]
  for (let number = 0; number < 10; number++) tokens.push((await invite(acme)).token)
  const { last_sequence: head } = await app.store.db
    .selectFrom('organizations')
    .select('last_sequence')
    .executeTakeFirstOrThrow()
  const noted = app.time.now() + HOUR
  app.time.advance(HOUR)
  await app.clock.stop()
  app.statements.length = 0
  // While another writes, all looks wait for the same turn.
  await app.store.write(async () => {
    await Promise.all([...tokens, ...tokens].map((token) => stranger(PREVIEW, { token })))
  })
  await vi.waitFor(async () => expect(await notes(app)).toHaveLength(11))
  const writes = app.statements.filter((statement) => /^(begin|insert|update|delete)/i.test(statement))
  expect(writes, 'the other’s turn, that of the looks, their two tables').toHaveLength(4)
  app.time.advance(HOUR)
  app.statements.length = 0
  for (const token of tokens) await stranger(PREVIEW, { token })
  expect(app.statements.filter((statement) => !/^\s*(with|select) /i.test(statement))).toEqual([])
  for (const note of await notes(app)) expect(note).toMatchObject({ version: 1, previewed_at: noted })
  const invites = await app.store.db.selectFrom('invites').selectAll().execute()
  for (const row of invites) expect(row.updated_at).toBe(row.created_at)
  expect(
    await app.store.db.selectFrom('organizations').select('last_sequence').executeTakeFirstOrThrow(),
  ).toEqual({ last_sequence: head })
})

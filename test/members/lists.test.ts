import { expect, test } from 'vitest'
import type { MemberInvitation } from '#db/tables.ts'
import { CONNECTION, expectOrder, type List, PAGE_ARGS, PAGE_VARIABLES } from '../domain/walking.ts'
import { viewerOf } from '../identity/people.ts'
import { organization } from '../kit/app.ts'
import { asker } from '../kit/story.ts'
import { DAY } from '../kit/time.ts'
import { inviter } from './inviting.ts'

const LIST = `query (${PAGE_VARIABLES}, $filter: MemberInvitationFilter, $orderBy: MemberInvitationOrder) {
  organization { memberInvitations(${PAGE_ARGS}, filter: $filter, orderBy: $orderBy) ${CONNECTION} }
}`

const COLUMNS = {
  EMAIL: 'email_key',
  NAME: 'name_key',
  FIRST_SENT_AT: 'first_sent_at',
  LAST_SENT_AT: 'last_sent_at',
  EXPIRES_AT: 'expires_at',
  ACCEPTED_AT: 'accepted_at',
  DECLINED_AT: 'declined_at',
  CREATED_AT: 'created_at',
  UPDATED_AT: 'updated_at',
} as const

/** Eleven invitations in all states, with ties and gaps in what they are ordered by. */
async function crowd() {
  const { app, acme, createMany } = await inviter()
  const now = app.time.now()
  await createMany({
    invitations: Array.from({ length: 11 }, (_, number) => ({
      email: `${'kcadbgfehij'[number]}@${number < 4 ? 'ONE' : 'two'}.example`,
      name: number % 3 ? `Ähre ${number % 4}` : null,
      role: ['ORG_VIEWER', 'ORG_MEMBER', 'GUEST'][number % 3],
      tags: [['x', 'y'], ['y'], [], ['X']][number % 4],
    })),
  })
  await app.store.write(async ({ db }) => {
    const made = await db.selectFrom('member_invitations').select('id').orderBy('id').execute()
    for (const [number, { id }] of made.entries())
      await db
        .updateTable('member_invitations')
        .set({
          first_sent_at: now + (number % 4),
          last_sent_at: now + ((number * 7) % 5),
          expires_at: number % 3 === 0 ? now : now + (number % 5) * DAY + 1,
          accepted_at: number % 4 === 1 ? now - number : null,
          declined_at: number % 5 === 2 ? now - (number % 2) : null,
          revoked_at: number % 6 === 4 ? now : null,
          updated_at: now + (number % 3),
          due_at: null,
        })
        .where('id', '=', id)
        .execute()
  })
  const rows = await app.store.db.selectFrom('member_invitations').selectAll().orderBy('id').execute()
  const ask = asker(app, acme.key)
  const listed =
    (variables: object): List =>
    async (args) =>
      (await ask(LIST, { ...variables, ...args })).organization.memberInvitations
  return { rows, listed, now }
}

const ids = (rows: MemberInvitation[]) => rows.map((row) => row.id)

test('in every order: what lacks it first, ties by age, both ways', async () => {
  const { rows, listed } = await crowd()
  for (const [field, column] of Object.entries(COLUMNS)) {
    const value = (row: MemberInvitation) => row[column] ?? (column === 'name_key' ? '' : 0)
    const ascending = rows.toSorted((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0))
    const descending = ids(ascending.toReversed())
    await expectOrder(listed({ orderBy: { field, direction: 'ASC' } }), ids(ascending), [6])
    await expectOrder(listed({ orderBy: { field, direction: 'DESC' } }), descending, [7])
  }
})

test('every filter alone and together: newest first', async () => {
  const { rows, listed, now } = await crowd()
  const status = (row: MemberInvitation) => {
    if (row.revoked_at !== null) return 'REVOKED'
    if (row.accepted_at !== null) return 'ACCEPTED'
    if (row.declined_at !== null) return 'DECLINED'
    return row.expires_at <= now ? 'EXPIRED' : 'PENDING'
  }
  const tags = (row: MemberInvitation) => JSON.parse(row.tags) as string[]
  const filters: [object, (row: MemberInvitation) => boolean][] = [
    [{ search: ' ' }, () => true],
    [{ search: 'ONE.ex' }, (row) => row.email.includes('one.ex')],
    [{ search: 'ÄHRE 1' }, (row) => row.name === 'Ähre 1'],
    [{ search: 'h' }, (row) => row.name !== null || row.email.startsWith('h')],
    [{ roles: ['GUEST', 'ORG_VIEWER'] }, (row) => row.role !== 'ORG_MEMBER'],
    [{ tags: ['y'] }, (row) => tags(row).includes('y')],
    [{ tags: ['X', 'y', 'z'] }, (row) => tags(row).some((tag) => 'Xyz'.includes(tag))],
    ...['PENDING', 'ACCEPTED', 'DECLINED', 'EXPIRED', 'REVOKED'].map(
      (wanted): [object, (row: MemberInvitation) => boolean] => [
        { statuses: [wanted] },
        (row) => status(row) === wanted,
      ],
    ),
    [
      { statuses: ['PENDING', 'EXPIRED', 'ACCEPTED'], roles: ['ORG_MEMBER'], tags: ['y'], search: 'e' },
      (row) =>
        !['REVOKED', 'DECLINED'].includes(status(row)) &&
        row.role === 'ORG_MEMBER' &&
        tags(row).includes('y'),
    ],
    [{ statuses: [] }, () => false],
    [{ statuses: ['SCHEDULED', 'EXHAUSTED'] }, () => false],
    [{ roles: [] }, () => false],
    [{ tags: [] }, () => false],
    [{ search: '%' }, () => false],
  ]
  for (const [filter, fits] of filters) {
    await expectOrder(listed({ filter }), ids(rows.filter(fits).toReversed()), [4])
  }
  const nonempty = filters.filter(([, fits]) => rows.some(fits))
  expect(nonempty.length, 'the rows put the filters to the test').toBe(filters.length - 5)
})

const MINE = `query ($filter: ReceivedMemberInvitationFilter, $first: Int, $after: String) { viewer {
  memberInvitations(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { endCursor hasNextPage }
    edges { node { id status role sender { __typename } createdBy { __typename } organization { id name createdAt } } }
} } }`

test('the invited person sees what is addressed to them, of any organization, and nothing else', async () => {
  const { app, acme, invite, read, revoke, signIn } = await inviter()
  const other = await organization(app, 'Other')
  const first = await invite('ada@example.com')
  const second = await invite('Ada@example.com', { role: 'ORG_VIEWER' }, other.key)
  const bobs = await invite('bob@example.com')
  const key = await signIn('ada', 'ADA@example.com')
  const mine = async (variables: object = {}, as = key) =>
    (await asker(app, as)(MINE, variables)).viewer.memberInvitations

  expect(await mine()).toMatchObject({
    totalCount: 2,
    edges: [
      { node: { id: second.id, role: 'ORG_VIEWER', organization: { id: other.id, name: 'Other' } } },
      { node: { id: first.id, sender: null, createdBy: null, organization: { id: acme.id, name: 'Acme' } } },
    ],
  })
  const page = await mine({ first: 1 })
  const rest = await mine({ first: 1, after: page.pageInfo.endCursor })
  expect([page, rest].map(({ edges }) => edges[0].node.id)).toEqual([second.id, first.id])
  await revoke(first.id)
  expect((await mine({ filter: { statuses: ['PENDING'] } })).edges).toHaveLength(1)
  expect(await read(first.id, key)).toMatchObject({
    ...{ status: 'REVOKED', viewerCanUpdate: { allowed: false, code: 'FORBIDDEN' } },
  })
  expect(await read(bobs.id, key)).toBeNull()
  const node =
    'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on MemberInvitation { organization { name } } } }'
  expect(await asker(app, key)(node, { ids: [second.id, bobs.id] })).toEqual({
    nodes: [{ id: second.id, organization: { name: 'Other' } }, null],
  })
  // What else is in those organizations stays theirs.
  const deeper = MINE.replace('id name createdAt', 'name members { totalCount }')
  const { errors } = await app.call(deeper, {}, { key })
  expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
  expect(await asker(app, key)(`{ organization(id: "${acme.id}") { name } }`)).toEqual({ organization: null })

  const unverified = await signIn('eve', 'ada@example.com', false)
  for (const as of [unverified, acme.key])
    expect(await mine({}, as)).toMatchObject({ totalCount: 0, edges: [] })
  expect(await read(second.id, unverified)).toBeNull()
  expect((await app.call(MINE)).data.viewer.memberInvitations.edges).toEqual([])
})

test('lists take as many statements for many as for one', async () => {
  const { app, acme, createMany, accept, signIn } = await inviter()
  const fields = `edges { node { id status role sender { __typename } createdBy { __typename } membership { user { name } }
    organization { name } viewerCanRevoke { allowed } } }`
  const all = `{ organization { memberInvitations(first: 50) { totalCount ${fields} } } }`
  const mine = `{ viewer { memberInvitations { totalCount ${fields} } } }`
  const ada = await signIn('ada', 'ada@example.com')
  await viewerOf(app, { key: ada })
  const statementsOf = async (query: string, key: string) => {
    app.statements.length = 0
    await asker(app, key)(query)
    return app.statements.length
  }
  const add = async (from: number, count: number) => {
    const { results } = await createMany({
      invitations: Array.from({ length: count }, (_, number) => ({ email: `p${from + number}@x.example` })),
    })
    for (const { token } of results) await accept({ token })
    for (let number = 0; number < count; number++) {
      const { key } = await organization(app, `Org ${from + number}`)
      await createMany({ invitations: [{ email: 'ada@example.com' }] }, key)
    }
  }
  await add(0, 1)
  const few = [await statementsOf(all, acme.key), await statementsOf(mine, ada)]
  await add(1, 6)
  expect([await statementsOf(all, acme.key), await statementsOf(mine, ada)]).toEqual(few)
  // Who calls (two, or three with the address), the page, its total, keys, and members and users, or organizations.
  expect(few).toEqual([7, 7])
})

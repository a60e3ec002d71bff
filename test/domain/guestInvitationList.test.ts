import { expect, test } from 'vitest'
import type { GuestInvitation } from '#db/tables.ts'
import { testApp } from '../kit/app.ts'
import { CREATE_GUEST_INVITATION, house } from '../kit/story.ts'
import { DAY } from '../kit/time.ts'
import { CONNECTION, expectOrder, type List, PAGE_ARGS, PAGE_VARIABLES } from './walking.ts'

const LIST = `query (${PAGE_VARIABLES}, $filter: GuestInvitationFilter, $orderBy: GuestInvitationOrder) {
  organization { guestInvitations(${PAGE_ARGS}, filter: $filter, orderBy: $orderBy) ${CONNECTION} }
}`

const COLUMNS = {
  EMAIL: 'email_key',
  FIRST_SENT_AT: 'first_sent_at',
  LAST_SENT_AT: 'last_sent_at',
  EXPIRES_AT: 'expires_at',
  ACCEPTED_AT: 'accepted_at',
  ARCHIVED_AT: 'archived_at',
  CREATED_AT: 'created_at',
  UPDATED_AT: 'updated_at',
} as const

/** Eleven invitations in all states, with ties and gaps in what they are ordered by. */
async function guests() {
  const app = await testApp()
  const acme = await house(app)
  const now = app.time.now()
  for (let number = 0; number < 11; number++)
    await acme.ask(CREATE_GUEST_INVITATION, {
      input: {
        email: `${'kcadbgfehij'[number]}${number % 2}@${number < 4 ? 'ONE' : 'two'}.example`,
        expiresAt: new Date(now + DAY).toISOString(),
      },
    })
  await app.store.write(async (tx) => {
    const made = await tx.db.selectFrom('guest_invitations').select('id').orderBy('id').execute()
    for (const [number, { id }] of made.entries())
      await tx.db
        .updateTable('guest_invitations')
        .set({
          first_sent_at: now + (number % 4),
          last_sent_at: now + ((number * 7) % 5),
          expires_at: number % 3 === 0 ? now : now + (number % 5) * DAY + 1,
          accepted_at: number % 4 === 1 ? now - number : null,
          archived_at: number % 5 === 2 ? now - (number % 2) : null,
          revoked_at: number % 6 === 3 ? now : null,
          updated_at: now + (number % 3),
          due_at: null,
        })
        .where('id', '=', id)
        .execute()
  })
  const rows = await app.store.db.selectFrom('guest_invitations').selectAll().orderBy('id').execute()
  const listed =
    (variables: object): List =>
    async (args) =>
      (await acme.ask(LIST, { ...variables, ...args })).organization.guestInvitations
  return { acme, rows, listed, now }
}

const ids = (rows: GuestInvitation[]) => rows.map((row) => row.id)

test.each(Object.entries(COLUMNS))(
  'ordered by %s: what lacks it first, ties by age, both ways',
  async (field, column) => {
    const { rows, listed } = await guests()
    const value = (row: GuestInvitation) => row[column] ?? Number.NEGATIVE_INFINITY
    const ascending = rows.toSorted((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0))
    await expectOrder(listed({ orderBy: { field, direction: 'ASC' } }), ids(ascending))
    await expectOrder(
      listed({ orderBy: { field, direction: 'DESC' } }),
      ids(ascending.toReversed()),
      [1, 3, 7],
    )
  },
)

test('every filter alone and together, unordered: newest first', async () => {
  const { rows, listed, now } = await guests()
  const status = (row: GuestInvitation) =>
    row.revoked_at !== null
      ? 'REVOKED'
      : row.accepted_at !== null
        ? 'ACCEPTED'
        : row.expires_at <= now
          ? 'EXPIRED'
          : 'PENDING'
  const expired = (row: GuestInvitation) => row.accepted_at === null && row.expires_at <= now
  const archived = (row: GuestInvitation) => row.archived_at !== null
  const filters: [object, (row: GuestInvitation) => boolean][] = [
    [{}, () => true],
    [{ search: ' ' }, () => true],
    [{ search: 'ONE.ex' }, (row) => row.email.includes('one.ex')],
    [{ search: 'K0@' }, (row) => row.email.startsWith('k0')],
    [{ search: '%' }, () => false],
    [{ statuses: [] }, () => false],
    [{ statuses: ['SCHEDULED', 'EXHAUSTED', 'DECLINED'] }, () => false],
    ...['PENDING', 'ACCEPTED', 'EXPIRED', 'REVOKED'].map(
      (wanted): [object, (row: GuestInvitation) => boolean] => [
        { statuses: [wanted] },
        (row) => status(row) === wanted,
      ],
    ),
    [{ statuses: ['PENDING', 'ACCEPTED'] }, (row) => ['PENDING', 'ACCEPTED'].includes(status(row))],
    [{ expired: true }, expired],
    [{ expired: false }, (row) => !expired(row)],
    [{ archived: true }, archived],
    [{ archived: false }, (row) => !archived(row)],
    [
      { statuses: ['EXPIRED', 'REVOKED'], expired: true, archived: false, search: 'two' },
      (row) => status(row) !== 'PENDING' && expired(row) && !archived(row) && row.email.includes('two'),
    ],
  ]
  for (const [filter, fits] of filters) {
    const wanted = ids(rows.filter(fits).toReversed())
    await expectOrder(listed({ filter }), wanted, [2, 5])
    await expectOrder(listed({ filter, orderBy: { field: 'CREATED_AT', direction: 'DESC' } }), wanted, [3])
  }
  const nonempty = filters.filter(([, fits]) => rows.some(fits))
  expect(nonempty.length, 'the rows put the filters to the test').toBe(filters.length - 3)
})

test('a cursor belongs to its list and its order', async () => {
  const { acme, listed } = await guests()
  const cursorIn = async (orderBy: object | null) =>
    (await listed({ orderBy })({ first: 1 })).edges[0]?.cursor ?? null
  const orders = [
    null,
    ...['EMAIL', 'FIRST_SENT_AT', 'LAST_SENT_AT'].map((field) => ({ field, direction: 'ASC' })),
  ]
  for (const made of orders)
    for (const used of orders) {
      const cursor = await cursorIn(made)
      const attempt = listed({ orderBy: used })({ first: 1, after: cursor })
      if (made === used) expect((await attempt).edges).toHaveLength(1)
      else await expect(attempt).rejects.toThrow('BAD_USER_INPUT')
    }
  const integrations = (after: string | null) =>
    acme.ask(`query ($after: String) { organization { integrations(after: $after) { totalCount } } }`, {
      after,
    })
  await expect(integrations(await cursorIn(null))).rejects.toThrow('BAD_USER_INPUT')
  for (const nonsense of ['', 'x', 'e30', 'WyJ4Il0'])
    await expect(integrations(nonsense)).rejects.toThrow('BAD_USER_INPUT')
})

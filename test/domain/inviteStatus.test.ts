import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { house, invite } from '../kit/story.ts'

const STATUSES = ['SCHEDULED', 'PENDING', 'ACCEPTED', 'DECLINED', 'EXHAUSTED', 'EXPIRED', 'REVOKED'] as const

interface Row {
  id: string
  revoked_at: number | null
  valid_from: number
  valid_to: number | null
  uses: number
  max_uses: number | null
}

/** The precedence as the rules say it, the first that applies. */
const expected = (row: Row, now: number) =>
  [
    { status: 'REVOKED', applies: row.revoked_at !== null },
    { status: 'EXPIRED', applies: row.valid_to !== null && row.valid_to <= now },
    { status: 'EXHAUSTED', applies: row.max_uses !== null && row.uses === row.max_uses },
    { status: 'SCHEDULED', applies: row.valid_from > now },
    { status: 'PENDING', applies: true },
  ].find(({ applies }) => applies)?.status

const LIST = `query ($statuses: [InvitationStatus!]) {
  organization { invites(first: 100, filter: { statuses: $statuses }) { totalCount edges { node { id status } } } }
}`

test('the status, read and filtered by, follows the precedence at every instant for every combination', async () => {
  const app = await testApp()
  const acme = await house(app)
  const start = app.time.now()
  const rows: Row[] = []
  for (const revoked_at of [null, start])
    for (const [uses, max_uses] of [
      [0, null],
      [7, null],
      [0, 2],
      [1, 2],
      [2, 2],
    ] as const)
      for (const valid_from of [start, start + 10])
        for (const valid_to of [null, start + 20, start + 30])
          rows.push({ id: (await invite(acme)).id, revoked_at, valid_from, valid_to, uses, max_uses })
  await app.store.write(async (tx) => {
    for (const { id, ...columns } of rows)
      await tx.db
        .updateTable('invites')
        .set({ ...columns, due_at: null })
        .where('id', '=', id)
        .execute()
  })

  const list = async (statuses: readonly string[] | null) => {
    const { invites } = (await acme.ask(LIST, { statuses })).organization
    expect(invites.totalCount).toBe(invites.edges.length)
    return new Map<string, string>(
      invites.edges.map(({ node }: { node: { id: string; status: string } }) => [node.id, node.status]),
    )
  }
  const seen = new Set<string>()
  for (const instant of [0, 9, 10, 11, 19, 20, 21, 29, 30, 31]) {
    app.time.advance(start + instant - app.time.now())
    const all = await list(null)
    for (const row of rows)
      expect(all.get(row.id), `${JSON.stringify(row)} at +${instant}`).toBe(expected(row, start + instant))
    for (const status of STATUSES) {
      const filtered = await list([status])
      expect([...filtered.keys()], `${status} at +${instant}`).toEqual(
        [...all].filter(([, own]) => own === status).map(([id]) => id),
      )
      for (const own of filtered.values()) seen.add(own)
    }
    expect((await list(['REVOKED', 'PENDING'])).size).toBe(
      [...all.values()].filter((own) => own === 'REVOKED' || own === 'PENDING').length,
    )
    expect((await list([])).size).toBe(0)
  }
  expect([...seen].sort()).toEqual(['EXHAUSTED', 'EXPIRED', 'PENDING', 'REVOKED', 'SCHEDULED'])
})

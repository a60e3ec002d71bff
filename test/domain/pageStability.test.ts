import { expect, test } from 'vitest'
import { invite } from '../kit/story.ts'
import { full } from './building.ts'
import { listOf, walk } from './walking.ts'

test('what stays is met once, whatever comes and goes between the pages', async () => {
  const { app, acme, invites } = await full()
  const list = listOf(acme, acme.id, 'Organization', 'invites')
  const remove = (id: string | undefined) =>
    app.store.write(async (tx) => {
      await tx.db
        .deleteFrom('invite_portals')
        .where('invite_id', '=', id ?? '')
        .execute()
      await tx.db
        .deleteFrom('invites')
        .where('id', '=', id ?? '')
        .execute()
    })
  const gone = new Set<string | undefined>()
  // The newest is gone by when it comes to the next page, and so is the item that its cursor stands on.
  const between = async (page: number) => {
    await invite(acme)
    const onCursor = invites[2 * page + 3]
    gone.add(onCursor)
    await remove(onCursor)
  }
  const met = await walk(list, { size: 2, between })
  expect(new Set(met).size).toBe(met.length)
  expect(met.filter((id) => invites.includes(id) && !gone.has(id))).toEqual(
    invites.filter((id) => id !== undefined && !gone.has(id)),
  )
  expect(
    met.every((id) => invites.includes(id)),
    'what is newer than the cursor is not met',
  ).toBe(true)
})

test('a page may lie between two cursors; sizes out of bounds are refused, not cut', async () => {
  const { acme, invites } = await full()
  const list = listOf(acme, acme.id, 'Organization', 'invites')
  const { edges } = await list({ first: 10 })
  const cursor = (index: number) => edges[index]?.cursor ?? null
  const nodes = async (args: object) => (await list(args)).edges.map((edge) => edge.node.id)
  expect(await nodes({ after: cursor(1), before: cursor(5) })).toEqual(invites.slice(2, 5))
  expect(await nodes({ first: 2, after: cursor(1), before: cursor(5) })).toEqual(invites.slice(2, 4))
  expect(await nodes({ last: 2, after: cursor(1), before: cursor(5) })).toEqual(invites.slice(3, 5))
  expect(await nodes({ after: cursor(5), before: cursor(1) })).toEqual([])
  expect((await list({ first: 0 })).pageInfo).toMatchObject({ hasNextPage: true, startCursor: null })
  for (const args of [{ first: 101 }, { last: 101 }, { first: -1 }, { last: -1 }, { first: 1, last: 1 }])
    await expect(list(args), JSON.stringify(args)).rejects.toThrow('BAD_USER_INPUT')
})

test('within one operation, later mutations see what the earlier ones have done', async () => {
  const { acme } = await full()
  const step = (alias: string) => `${alias}: createIntegration(input: { name: "${alias}" }) {
    ... on CreateIntegrationPayload { integration { organization { integrations(first: 1) { totalCount } } } } }`
  const answer = await acme.ask(`mutation { ${step('ninth')} ${step('tenth')} }`)
  const counts = [answer.ninth, answer.tenth].map(
    ({ integration }) => integration.organization.integrations.totalCount,
  )
  expect(counts).toEqual([10, 11])
})

import { getIntrospectionQuery } from 'graphql'
import { expect, test } from 'vitest'
import { organization, testApp } from '../kit/app.ts'

const INTROSPECTION = [
  getIntrospectionQuery(),
  '{ __schema { types { name } } }',
  '{ hidden: __type(name: "Query") { name } }',
  'query { ...A } fragment A on Query { ... { __schema { queryType { name } } } }',
]

test('the schema is told to those who have signed in, and to nobody else', async () => {
  const app = await testApp({ openSchema: false })
  const { key } = await organization(app)
  for (const query of INTROSPECTION) {
    const { data, errors } = await app.call(query)
    expect(data).toBeNull()
    expect(errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
    expect((await app.call(query, {}, { key })).errors).toEqual([])
  }
  expect((await app.call('{ __typename }')).data).toEqual({ __typename: 'Query' })
})

test('/schema.graphql is for those who have signed in', async () => {
  const app = await testApp({ openSchema: false })
  const { key } = await organization(app)
  const page = async (authorization?: string) => {
    const headers = authorization ? { authorization } : {}
    const response = await app.fetch(new Request('http://latchkey.test/schema.graphql', { headers }))
    return { status: response.status, text: await response.text() }
  }
  for (const authorization of [undefined, 'Bearer garbage', key]) {
    const { status, text } = await page(authorization)
    expect(status).toBe(401)
    expect(text).not.toContain('type Query')
  }
  expect(await page(`Bearer ${key}`)).toEqual({ status: 200, text: expect.stringContaining('type Query {') })
})

test('an open schema is everybody’s', async () => {
  const app = await testApp({ openSchema: true })
  for (const query of INTROSPECTION) expect((await app.call(query)).errors).toEqual([])
  const page = await app.fetch(new Request('http://latchkey.test/schema.graphql'))
  expect(await page.text()).toContain('type Query {')
})

test('hints at names are given where the schema is open, only', async () => {
  const typos = [
    ['{ organisation { id } }', {}],
    ['{ node(ids: "x") { id } }', {}],
    ['{ node(id: "x") { ... on Invites { id } } }', {}],
    ['query ($f: InviteFiler) { organization { invites(filter: $f) { totalCount } } }', {}],
    ['{ organization { invites(filter: { statuses: PENDNG }) { totalCount } } }', {}],
    ['{ organization { invites(filter: { serch: "x" }) { totalCount } } }', {}],
    [
      'query ($s: [InvitationStatus!]) { organization { invites(filter: { statuses: $s }) { totalCount } } }',
      { s: 'PENDNG' },
    ],
    [
      'query ($f: InviteFilter) { organization { invites(filter: $f) { totalCount } } }',
      { f: { serch: 'x' } },
    ],
  ] as const
  const open = await testApp({ openSchema: true })
  const closed = await testApp({ openSchema: false })
  let hints = 0
  for (const [query, variables] of typos) {
    if (/did you mean/i.test(JSON.stringify(await open.call(query, variables)))) hints++
    expect(JSON.stringify(await closed.call(query, variables)), query).not.toMatch(/did you mean/i)
  }
  expect(hints).toBeGreaterThan(4)
})

import { type ExecutionResult, execute, getOperationAST, parse } from 'graphql'
import { expect, test } from 'vitest'
import { viewerOfKey } from '#domain/credentials.ts'
import type { Context } from '#schema/context.ts'
import { schema } from '#schema/schema.ts'
import { Plan } from '#server/plan.ts'
import { testApp } from '../kit/app.ts'
import { estate } from '../kit/estate.ts'

async function start() {
  const app = await testApp()
  const acme = await estate(app)
  const viewer = await viewerOfKey(app.store, acme.key)
  if (!viewer) throw new Error('No viewer')
  const context = (): Context => ({
    requestId: 'test',
    store: app.store,
    publicUrl: 'https://latchkey.test',
    viewer,
    locales: [],
    lastEventId: undefined,
    loaders: new Map(),
    outcomes: new Map(),
  })
  async function both(query: string, variables: Record<string, unknown> = {}) {
    const document = parse(query)
    const plan = Plan.of(schema, document, getOperationAST(document))
    const planned = await plan?.run(variables, context(), AbortSignal.timeout(10_000))
    const result: ExecutionResult = await execute({
      schema,
      document,
      variableValues: variables,
      contextValue: context(),
    })
    return { planned, result }
  }
  return { app, acme, both }
}

const EVERYTHING = `fragment Door on Portal { id name integration { ...Place name } }
  fragment Place on Integration { id portals(first: $count) { totalCount edges { cursor node { name } } } }`

test('a plan answers what graphql-js answers, in the same order', async () => {
  const { acme, both } = await start()
  const queries: [string, Record<string, unknown>?][] = [
    ['{ __typename viewer { __typename role can(action: INVITE_CREATE) { allowed reason } } }'],
    ['{ __schema { queryType { name } types { name kind fields { name args { name defaultValue } } } } }'],
    [
      'query ($token: String!) { invitationPreview(token: $token) { name message { text } portalNames } }',
      { token: acme.inviteToken },
    ],
    [
      'query ($token: String!) { invitationPreview(token: $token) { name } }',
      { token: 'nobody was given this' },
    ],
    [
      `query ($id: ID!, $count: Int = 2) { b: node(id: $id) { id ...Door ... on Portal { invites { edges { node {
        status expiresAt inviteeMessage { text } portals { ...Door } organization { id parent { id } } } } } } }
        a: node(id: $id) { __typename ... on Node { id } ... on Invite { never: name } } } ${EVERYTHING}`,
      { id: acme.ids.Portal },
    ],
    [`query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }`, { ids: Object.values(acme.ids) }],
    [
      `{ organization { id id name integrations(first: 1) { edges { node { name } } } integrations(first: 1) {
        pageInfo { hasNextPage endCursor } edges { cursor node { id } } }
        integrationByName(name: "nothing of this name") { ... on Integration { id } ... on UserError { code message } } } }`,
    ],
    [
      `{ organization { activities { edges { node { type status intent actor { __typename } } } }
        guestInvitations { edges { node { email status organization { name } } } } } }`,
    ],
  ]
  for (const [query, variables] of queries) {
    const { planned, result } = await both(query, variables)
    expect(result.errors, query).toBeUndefined()
    expect(JSON.stringify(planned), query).toBe(JSON.stringify(result.data))
  }
})

test('what would tell of an error, or is not plain, is left to graphql-js', async () => {
  const { both } = await start()
  for (const query of [
    '{ organization { invites(first: 1000) { edges { node { id } } } } }',
    '{ invite(id: "nonsense") { id } }',
    'query ($id: ID!) { invite(id: $id) { id } }',
    '{ viewer { role @include(if: true) } }',
    'mutation { a: __typename b: __typename }',
  ]) {
    expect((await both(query)).planned, query).toBeUndefined()
  }
})

test('an operation that is tried twice is answered, and logged, once', async () => {
  const { app, acme } = await start()
  const { status, data, errors } = await app.call(
    '{ __typename organization { id } invite(id: "nonsense") { id } }',
    {},
    { key: acme.key },
  )
  expect({ status, data }).toEqual({
    status: 200,
    data: { __typename: 'Query', organization: { id: acme.id }, invite: null },
  })
  expect(errors).toMatchObject([{ path: ['invite'], extensions: { code: 'BAD_USER_INPUT' } }])
})

test('a mutation whose answer graphql-js puts together anew is done once', async () => {
  const { app, acme } = await start()
  const { createApiKey } = await acme.ask(`mutation { createApiKey(input: { name: "Kiosk", role: ORG_ADMIN,
    scopes: [INTEGRATION_CREATE] }) { ... on CreateApiKeyPayload { secret } } }`)
  const { errors } = await app.call(
    `mutation { createIntegration(input: { name: "Annex" }) {
      ... on CreateIntegrationPayload { integration { id organization { name } } } } }`,
    {},
    { key: createApiKey.secret },
  )
  expect(errors).toMatchObject([
    { path: ['createIntegration', 'integration', 'organization'], extensions: { code: 'FORBIDDEN' } },
  ])
  const { organization } = await acme.ask(`{ organization {
    activities(filter: { types: [CREATE_INTEGRATION] }, first: 100) { edges { node { status intent } } } } }`)
  const done = organization.activities.edges.filter(
    ({ node }: { node: { intent: { name: string } } }) => node.intent.name === 'Annex',
  )
  expect(done).toMatchObject([{ node: { status: 'COMPLETED' } }])
})

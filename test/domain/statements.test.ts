import { expect, test, vi } from 'vitest'
import { type TestApp, testApp } from '../kit/app.ts'
import { ACCEPT_INVITE, asker, type House, house, invite } from '../kit/story.ts'
import { addIntegration, addPortal } from './building.ts'

/** The SQL of one operation, after it has answered without errors. */
async function statementsOf(
  app: TestApp,
  { ask }: Pick<House, 'ask'>,
  query: string,
  variables: object = {},
) {
  app.statements.length = 0
  const data = await ask(query, variables)
  return { data, statements: [...app.statements] }
}

/** 10 integrations of 10 portals, and 20 invites to all the portals of each. */
async function campus() {
  const app = await testApp()
  const acme = await house(app)
  for (let number = 1; number < 10; number++) await addIntegration(acme, `Building ${number}`)
  const { organization } = await acme.ask(
    `{ organization { integrations(first: 10) { edges { node { id } } } } }`,
  )
  for (const { node } of organization.integrations.edges) {
    const had = node.id === acme.integrationId ? acme.portalIds : []
    const portalIds = [...had]
    for (let number = had.length; number < 10; number++)
      portalIds.push(await addPortal(acme, `Door ${number}`, node.id))
    for (let number = 0; number < 20; number++) await invite(acme, { integrationId: node.id, portalIds })
  }
  return { app, acme }
}

const LEVELS = (totalCount: string) => `{ organization {
  integrations(first: 10) { ${totalCount} edges { node { name
    portals(first: 10) { ${totalCount} edges { node { name
      invites(first: 5) { ${totalCount} edges { node { id status } } pageInfo { hasNextPage } }
    } } }
  } } }
} }`

test('three levels take one statement each, beside the key’s and the organization’s own', async () => {
  const { app, acme } = await campus()
  const { data, statements } = await statementsOf(app, acme, LEVELS(''))
  const portals = data.organization.integrations.edges.flatMap(
    ({ node }: { node: { portals: { edges: object[] } } }) => node.portals.edges,
  )
  expect(portals).toHaveLength(100)
  for (const { node } of portals) {
    expect(node.invites.edges).toHaveLength(5)
    expect(node.invites.pageInfo.hasNextPage).toBe(true)
  }
  expect(statements).toHaveLength(2 + 3)

  const counted = await statementsOf(app, acme, LEVELS('totalCount'))
  expect(counted.statements, 'one more for each level’s totals').toHaveLength(2 + 3 + 3)
  const { integrations } = counted.data.organization
  expect(integrations.totalCount).toBe(10)
  expect(integrations.edges[9].node.portals.totalCount).toBe(10)
  expect(integrations.edges[9].node.portals.edges[9].node.invites.totalCount).toBe(20)

  const invites = `(first: 50) { edges { node { id status organization { name } integration { id name } portals { name } } } }`
  const list = await statementsOf(app, acme, `{ organization { invites${invites} } }`)
  expect(list.data.organization.invites.edges).toHaveLength(50)
  for (const { node } of list.data.organization.invites.edges) expect(node.portals).toHaveLength(10)
  expect(list.statements, 'key, organization, invites, integrations, portals').toHaveLength(5)

  const filtered = `(first: 50, filter: { statuses: [PENDING] }) { totalCount edges { node { id } } }`
  const twice = await statementsOf(
    app,
    acme,
    `{ organization { a: invites${filtered} b: invites${filtered} } }`,
  )
  expect(twice.data.organization.a).toEqual(twice.data.organization.b)
  expect(twice.statements, 'the same list asked for twice is read once').toHaveLength(2 + 2)
})

test('things looked up by id are looked up together', async () => {
  const app = await testApp()
  const acme = await house(app)
  const ids: string[] = []
  for (let number = 0; number < 10; number++) {
    const { id, token } = await invite(acme)
    await asker(app)(ACCEPT_INVITE, { input: { token } })
    ids.push(id)
  }
  const nodes = await statementsOf(
    app,
    acme,
    `query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Invite { integration { organization { name } } } } }`,
    { ids },
  )
  expect(nodes.data.nodes.map(({ id }: { id: string }) => id)).toEqual(ids)
  expect(nodes.statements, 'key, invites, integration, organization').toHaveLength(4)

  const aliases = ids.map((id, index) => `i${index}: invite(id: "${id}") { ...Part }`).join(' ')
  const many = await statementsOf(
    app,
    acme,
    `fragment Part on Invite { portals { name integration { name } } grants(first: 1) { totalCount edges { node {
      validTo invite { name } portals { name } } } } } { ${aliases} }`,
  )
  expect(many.data.i9.grants.edges[0].node.portals).toHaveLength(2)
  expect(many.statements, 'key, invites, portals, integration, grants, their totals').toHaveLength(6)
})

test('looking, and being refused, takes no writing', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { token, id } = await invite(acme)
  const stranger = { ask: asker(app) }
  const look = () =>
    statementsOf(
      app,
      stranger,
      `query ($token: String!) { invitationPreview(token: $token) { organizationName portalNames acceptable } }`,
      { token },
    )
  // That somebody has looked is noted once, after the answer.
  await look()
  const row = app.store.db.selectFrom('invites').select('previewed_at').where('id', '=', id)
  await vi.waitFor(async () =>
    expect((await row.executeTakeFirstOrThrow()).previewed_at).toBe(app.time.now()),
  )
  const preview = await look()
  expect(preview.data.invitationPreview.acceptable).toBe(true)
  expect(preview.statements, 'guesses of the address, invite, portals').toHaveLength(3)
  for (const statement of preview.statements) expect(statement).toMatch(/^\s*select /i)
})

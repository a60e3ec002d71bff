import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { asker, house } from '../kit/story.ts'

const CREATE = `mutation ($name: String!) { createOrganization(input: { name: $name }) {
  ... on CreateOrganizationPayload { apiKey organization { id } } } }`
const CHILDREN = `query ($after: String) { organization { children(first: 2, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } edges { node { id name parent { name } } } } } }`

test('an organization lists those below it, oldest first, and nobody else does', async () => {
  const app = await testApp()
  const acme = await house(app)
  const other = await house(app, 'Other')
  const made = []
  for (const name of ['Paris', 'Oslo', 'Rome'])
    made.push((await acme.ask(CREATE, { name })).createOrganization)

  const { children } = (await acme.ask(CHILDREN)).organization
  const nodeOf = (edge: { node: { name: string } }) => edge.node
  expect(children.edges.map(nodeOf)).toMatchObject([
    { name: 'Paris', parent: { name: 'Acme' } },
    { name: 'Oslo', parent: { name: 'Acme' } },
  ])
  expect(children).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } })
  const rest = await acme.ask(CHILDREN, { after: children.pageInfo.endCursor })
  expect(rest.organization.children.edges.map(nodeOf)).toMatchObject([{ name: 'Rome' }])

  for (const ask of [other.ask, asker(app, made[0].apiKey)]) {
    expect((await ask(CHILDREN)).organization.children.totalCount).toBe(0)
  }
})

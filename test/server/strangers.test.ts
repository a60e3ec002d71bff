import { getNamedType, isInterfaceType, isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '#schema/schema.ts'
import { keyOf, testApp } from '../kit/app.ts'
import { dump } from '../kit/dump.ts'
import { estate } from '../kit/estate.ts'
import { asker, house, invite } from '../kit/story.ts'

const node = schema.getType('Node')
const nodeTypes = isInterfaceType(node) ? schema.getPossibleTypes(node) : []

test('the ids of another organization are nothing, for node and nodes, of every type', async () => {
  const app = await testApp()
  const acme = await estate(app)
  const other = await estate(app, 'Other')
  expect(Object.keys(acme.ids).sort()).toEqual(nodeTypes.map(({ name }) => name).sort())
  const ids = Object.values(acme.ids)
  const look = (key: string) =>
    app.call('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids }, { key })

  expect((await look(acme.key)).data.nodes).toEqual(
    Object.entries(acme.ids).map(([__typename, id]) => ({ __typename, id })),
  )
  const guest = (await keyOf(app, acme.id, 'GUEST')).key
  for (const key of [other.key, guest]) {
    expect(await look(key)).toMatchObject({ errors: [], data: { nodes: ids.map(() => null) } })
    for (const id of ids) {
      const { data } = await app.call('query ($id: ID!) { node(id: $id) { id } }', { id }, { key })
      expect(data.node, id).toBeNull()
    }
  }
})

test('the filter of a list finds nothing by a portal of another organization', async () => {
  const app = await testApp()
  const acme = await estate(app)
  const other = await estate(app, 'Other')
  const { organization } = await acme.ask(
    'query ($portalId: ID!) { organization { invites(filter: { portalId: $portalId }) { totalCount } } }',
    { portalId: other.ids.Portal },
  )
  expect(organization.invites.totalCount).toBe(0)
})

test('a guest organization sees nothing of its host but what accepting showed', async () => {
  const app = await testApp()
  const acme = await estate(app)
  const { acceptGuestInvitation } = await asker(app)(
    `mutation ($input: AcceptGuestInvitationInput!) { acceptGuestInvitation(input: $input) {
      ... on AcceptGuestInvitationPayload { apiKey organization { id name } guestInvitation { organization { name } } } } }`,
    { input: { token: acme.guestToken, organizationName: 'Guests Ltd' } },
  )
  expect(acceptGuestInvitation.guestInvitation.organization).toEqual({ name: 'Acme' })
  const look = await app.call(
    'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    { ids: Object.values(acme.ids) },
    { key: acceptGuestInvitation.apiKey },
  )
  expect(look.data.nodes.every((found: unknown) => found === null)).toBe(true)
})

/** What hangs on a type and needs more than its own row: lists, and lookups by name. */
const branchesOf = (typeName: string) => {
  const type = schema.getType(typeName)
  if (!isObjectType(type)) return []
  return Object.values(type.getFields()).flatMap((field) => {
    if (field.name.endsWith('ByName')) return [`${field.name}(name: "Lobby") { __typename }`]
    return getNamedType(field.type).name.endsWith('Connection') ? [`${field.name} { edges { cursor } }`] : []
  })
}

test('who accepts without a key sees the invite, its portals, whose it is, and no list of theirs', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { token } = await invite(acme, { name: 'Summer party' })
  const accept = (selection: string) =>
    app.call(
      `mutation ($token: String!) { acceptInvite(input: { token: $token }) {
        ... on AcceptInvitePayload { grant { invite { ${selection} } } } } }`,
      { token },
    )
  const { data, errors } = await accept(
    'name status organization { name } integration { name } portals { name integration { organization { name } } }',
  )
  expect(errors).toEqual([])
  const building = { integration: { organization: { name: 'Acme' } } }
  expect(data.acceptInvite.grant.invite).toEqual({
    name: 'Summer party',
    status: 'PENDING',
    organization: { name: 'Acme' },
    integration: { name: 'Headquarters' },
    portals: [
      { name: 'Lobby', ...building },
      { name: 'Garage', ...building },
    ],
  })
  const branches = [
    ...branchesOf('Invite'),
    ...branchesOf('Organization').map((field) => `organization { ${field} }`),
    ...branchesOf('Integration').map((field) => `integration { ${field} }`),
    ...branchesOf('Portal').map((field) => `portals { ${field} }`),
    'organization { eventCursor }',
  ]
  expect(branches.length).toBeGreaterThan(10)
  const before = await dump(app)
  for (const branch of branches) {
    const refused = await accept(branch)
    expect(refused.errors[0]?.extensions.code, branch).toBe('BAD_USER_INPUT')
  }
  // Refused before the deed: no use is spent for an answer that would take its secret with it.
  expect(await dump(app)).toEqual(before)
})

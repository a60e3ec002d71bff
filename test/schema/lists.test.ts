import { type GraphQLObjectType, getNamedType, isLeafType, isObjectType, isRequiredArgument } from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '#schema/schema.ts'
import { testApp } from '../kit/app.ts'
import { estate } from '../kit/estate.ts'

/** Every list of every node type, as [type, field]. */
const lists = Object.values(schema.getTypeMap()).flatMap((type) =>
  isObjectType(type) && isNode(type)
    ? Object.values(type.getFields())
        .filter((field) => getNamedType(field.type).name.endsWith('Connection'))
        .map((field) => ({
          type: type.name,
          field: field.name,
          backward: hasArg(field, 'last'),
          item: itemOf(getNamedType(field.type) as GraphQLObjectType),
        }))
    : [],
)

function isNode(type: GraphQLObjectType) {
  return type.getInterfaces().some(({ name }) => name === 'Node')
}

function itemOf(connection: GraphQLObjectType) {
  const edge = getNamedType(connection.getFields().edges?.type) as GraphQLObjectType
  return getNamedType(edge.getFields().node?.type) as GraphQLObjectType
}

function hasArg(field: { args: readonly { name: string }[] }, name: string) {
  return field.args.some((arg) => arg.name === name)
}

const pageOf = ({ type, field }: { type: string; field: string }, args: string) =>
  `query ($id: ID!) { node(id: $id) { ... on ${type} { list: ${field}${args && `(${args})`} {
    edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } } } }`

test('every list refuses sizes out of bounds, both sizes, and cursors that are not its own', async () => {
  const app = await testApp()
  const acme = await estate(app)
  expect(lists.length).toBeGreaterThanOrEqual(8)

  for (const list of lists) {
    const id = acme.ids[list.type as keyof typeof acme.ids]
    const page = (args: string) => app.call(pageOf(list, args), { id }, { key: acme.key })
    const foreign = Buffer.from(JSON.stringify([5])).toString('base64url')
    const faults = ['first: 101', 'first: -1', 'after: "garbage"', 'after: ""', `after: "${foreign}"`]
    const others = ['last: 101', 'last: -1', 'first: 1, last: 1', 'before: "garbage"', `before: "${foreign}"`]
    for (const args of list.backward ? [...faults, ...others] : faults) {
      const { status, errors } = await page(args)
      expect(
        { status, codes: errors.map(({ extensions }) => extensions.code) },
        `${list.field} ${args}`,
      ).toEqual({
        status: 200,
        codes: ['BAD_USER_INPUT'],
      })
    }
    const { data, errors } = await page('first: 100')
    expect(errors).toEqual([])
    const { endCursor } = data.node.list.pageInfo
    if (endCursor) {
      const after = await page(`first: 0, after: "${endCursor}"`)
      expect(after.data.node.list.edges).toEqual([])
    }
  }
  expect(app.logged).toEqual([])
})

test('the cursor of an ordered list is none of the same list in no order, nor of the log', async () => {
  const app = await testApp()
  const acme = await estate(app)
  const { organization } = await acme.ask(`{ organization {
    eventCursor
    guestInvitations { pageInfo { endCursor } }
    ordered: guestInvitations(orderBy: { field: EMAIL, direction: ASC }) { pageInfo { endCursor } }
  } }`)
  const page = (args: string) =>
    app.call(`{ organization { guestInvitations(${args}) { totalCount } } }`, {}, { key: acme.key })
  const log = (after: string) =>
    app.call(
      `{ organization { invitationEvents(after: "${after}") { edges { cursor } } } }`,
      {},
      { key: acme.key },
    )
  const order = 'orderBy: { field: EMAIL, direction: ASC }'
  for (const { errors } of [
    await page(`after: "${organization.ordered.pageInfo.endCursor}"`),
    await page(`${order}, after: "${organization.guestInvitations.pageInfo.endCursor}"`),
    await page(`after: "${organization.eventCursor}"`),
    await log(organization.guestInvitations.pageInfo.endCursor),
    await log(Buffer.from(`${acme.ids.Invite}:1`).toString('base64url')),
  ]) {
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT')
  }
  const ahead = await log(Buffer.from(`${acme.id}:999`).toString('base64url'))
  expect(ahead.errors[0]?.extensions).toMatchObject({
    code: 'CURSOR_OUT_OF_RANGE',
    head: organization.eventCursor,
  })
})

test('nodes takes as many ids as a page holds; what is no id of a node is told', async () => {
  const app = await testApp()
  const acme = await estate(app)
  const nodes = (ids: unknown[]) =>
    app.call('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids }, { key: acme.key })
  expect((await nodes(Array(101).fill(acme.id))).errors[0]?.extensions.code).toBe('BAD_USER_INPUT')
  expect((await nodes(Array(100).fill(acme.id))).data.nodes).toHaveLength(100)
  expect((await nodes([])).data.nodes).toEqual([])
  for (const id of ['', 'x', 'org_', 'org_01', 5, '\u0000', `${acme.id} `, `nothing_${acme.id.slice(4)}`]) {
    expect((await nodes([acme.id, id])).errors[0]?.extensions.code, `${id}`).toBe('BAD_USER_INPUT')
  }
  expect(app.logged).toEqual([])
})

/** Each field of a type, asked for alone. */
const fieldsOf = (type: GraphQLObjectType) =>
  Object.values(type.getFields())
    .filter((field) => !field.args.some(isRequiredArgument))
    .map((field) => {
      const named = getNamedType(field.type)
      if (isLeafType(named)) return field.name
      const isList = named.name.endsWith('Connection')
      return `${field.name} { ${isList ? 'edges { node { __typename } } pageInfo { hasNextPage }' : '__typename'} }`
    })

test('an item says the same in a list that asks for one field of it as by its id', async () => {
  const app = await testApp()
  const acme = await estate(app)
  let compared = 0
  for (const { type, field, item } of lists) {
    if (!isNode(item)) continue
    for (const asked of fieldsOf(item)) {
      const { node } = await acme.ask(
        `query ($id: ID!) { node(id: $id) { ... on ${type} { ${field} { edges { node { id ...Asked } } } } } }
          fragment Asked on ${item} { ${asked} }`,
        { id: acme.ids[type as keyof typeof acme.ids] },
      )
      const items = node[field].edges.map((edge: { node: { id: string } }) => edge.node)
      const { nodes } = await acme.ask(
        `query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on ${item} { ${asked} } } }`,
        { ids: items.map(({ id }: { id: string }) => id) },
      )
      expect(items, `${type}.${field}: ${asked}`).toEqual(nodes)
      compared += items.length
    }
  }
  expect(compared).toBeGreaterThan(100)
})

test('a list reads the columns that are asked for, and no others', async () => {
  const app = await testApp()
  const acme = await estate(app)
  const statementOf = async (asked: string) => {
    app.statements.length = 0
    await acme.ask(`{ organization { invites(first: 1) { edges { node { ${asked} } } } } }`)
    return app.statements.find((statement) => statement.includes('"invite'))
  }
  const narrow = await statementOf('name status')
  for (const column of ['name', 'revoked_at', 'uses']) expect(narrow).toContain(`"item"."${column}"`)
  expect(narrow).not.toMatch(/item\.\*|token_hash|messages/)
  expect(await statementOf('name inviteeMessages { text }')).toContain('item.*')
})

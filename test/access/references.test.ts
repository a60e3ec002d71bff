import { getNamedType, isInterfaceType, isNullableType, isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { estate } from '../kit/estate.ts'
import { narrowed } from './callers.ts'
import { needsOf, needsOfType, nodeTypes } from './policy.ts'

test('what a thing refers to, and the viewer may not see, is null or FORBIDDEN, and no bug', async () => {
  const app = await testApp()
  const of = await estate(app)
  for (const type of nodeTypes) {
    const { permissions } = needsOfType(type)
    const { key } = await narrowed(app, 'just this', permissions).optionsFor(of)
    for (const field of Object.values(type.getFields())) {
      const target = getNamedType(field.type)
      if (needsOf(field) || !(isObjectType(target) || isInterfaceType(target))) continue
      const needed = isObjectType(target) ? (needsOf(target)?.permissions ?? []) : []
      const { data, errors } = await app.call(
        `query ($id: ID!) { node(id: $id) { ... on ${type} { ${field.name} { __typename } } } }`,
        { id: of.ids[type.name as keyof typeof of.ids] },
        { key },
      )
      const codes = errors.map(({ extensions }) => extensions.code)
      const isSeen = needed.every((permission) => permissions.includes(permission))
      const expected = isSeen || isNullableType(field.type) ? [] : ['FORBIDDEN']
      expect.soft(codes, `${type}.${field.name}`).toEqual(expected)
      if (!isSeen && codes.length === 0)
        expect.soft(data.node[field.name], `${type}.${field.name}`).toBeNull()
    }
  }
  expect.soft(app.logged).toEqual([])
})

test('whoever may follow the log sees of its invitations those that they may read', async () => {
  const app = await testApp()
  const of = await estate(app)
  const log = '{ organization { invitationEvents { edges { node { invitation { __typename } } } } } }'
  for (const kind of ['invite:read', 'guestInvitation:read']) {
    const scopes = ['organization:read', 'event:read', kind]
    const { key } = await narrowed(app, kind, scopes).optionsFor(of)
    const { data, errors } = await app.call(log, {}, { key })
    expect({ data, code: errors[0]?.extensions.code }, kind).toEqual({
      data: { organization: null },
      code: 'FORBIDDEN',
    })
  }
  expect(app.logged).toEqual([])
})

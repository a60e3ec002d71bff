import { parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '#schema/schema.ts'
import { costFault, operationCost, operationLimits } from '#server/limits.ts'
import { aliasBomb, overview, page } from '../kit/documents.ts'

const cost = (document: string, variables = {}, operationName?: string) =>
  operationCost(schema, parse(document), operationName, variables)

test('multiplies pages, and counts neither edges nor scalars', () => {
  expect(cost(`{ ${overview('10', '10', '5')} }`)).toBe(1 + 10 + 100 + 500)
  expect(cost('{ organization { name invites(last: 7) { totalCount pageInfo { endCursor } } } }')).toBe(1)
})

test('takes a page without a size for one of 20, and a mere list for one of 10', () => {
  expect(cost('{ organization { invites { edges { node { portals { id } } } } } }')).toBe(1 + 20 + 200)
})

test('takes a bulk call for one of as many rows as it may have', () => {
  const results = 'results { ... on CreateInvitePayload { invite { portals { id } } } }'
  expect(
    cost(`mutation { createInvites(input: { invites: [] }) { ... on CreateInvitesPayload { ${results} } } }`),
  ).toBe(1 + 100 + 100 + 1000)
})

test('goes by the values of variables, then by their defaults, then by the usual page', () => {
  const document = `query ($size: Int, $portals: Int = 3) { organization { integrations${page('$size', `portals${page('$portals')}`)} } }`
  expect(cost(document, { size: 5, portals: 2 })).toBe(1 + 5 + 10)
  expect(cost(document, { size: 5 })).toBe(1 + 5 + 15)
  expect(cost(document, { size: null, portals: null })).toBe(1 + 20 + 400)
  expect(cost(document, { size: -5 })).toBe(1)
  expect(cost(document, { size: 'many' })).toBe(1 + 20 + 60)
  expect(cost('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['a', 'b'] })).toBe(2)
})

test('is that of the operation that is named; without one, nothing', () => {
  const document = `query Small { organization { id } } query Large { ${overview('10', '10', '5')} }`
  expect(cost(document, {}, 'Small')).toBe(1)
  expect(cost(document, {}, 'Large')).toBe(611)
  expect(cost(document)).toBe(0)
})

test('counts shared fragments in each place, however deep they double', () => {
  expect(
    cost(`query ($size: Int) ${aliasBomb(18, 'invites(first: $size) { edges { node { id } } }')}`, {
      size: 2,
    }),
  ).toBe(2 ** 19 - 1 + 2 ** 18 * 2)
})

test('refuses 100 × 100 × 100, in the document or by its variables', () => {
  const message = 'The operation may ask for 1,010,101 objects; at most 50,000 are allowed.'
  const literal = parse(`{ ${overview('100', '100', '100')} }`)
  expect(validate(schema, literal, [operationLimits])).toMatchObject([{ message }])

  const document = parse(`query ($size: Int!) { ${overview('$size', '$size', '$size')} }`)
  expect(validate(schema, document, [operationLimits])).toEqual([])
  expect(costFault(schema, document, null, { size: 10 })).toBeUndefined()
  expect(costFault(schema, document, null, { size: 100 })).toMatchObject({
    message,
    extensions: { code: 'OPERATION_TOO_LARGE' },
  })
})

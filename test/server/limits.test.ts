import { getIntrospectionQuery, parse, specifiedRules, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { schema } from '#schema/schema.ts'
import { examples } from '#server/graphiqlExamples.ts'
import { costFault, limitRules, operationLimits } from '#server/limits.ts'
import { aliasBomb, nested, overview, page, times } from '../kit/documents.ts'

const faults = (document: string) => validate(schema, parse(document), [operationLimits])
const messages = (document: string) => faults(document).map(({ message }) => message)

describe('each limit holds at its edge', () => {
  const edges: [what: string, document: (count: number) => string, most: number][] = [
    ['nests 21 fields deep', (count) => `{ organization { ${nested(count - 2, 'parent', 'id')} } }`, 20],
    ['selects 501 fields', (count) => `{ organization { ${times(count - 1, () => 'id')} } }`, 500],
    ['selects 21 fields at its root', (count) => `{ ${times(count, () => '__typename')} }`, 20],
    ['has 51 aliases', (count) => `{ organization { ${times(count, (i) => `a${i}: id`)} } }`, 50],
    ['has 51 directives', (count) => `{ organization { ${times(count, () => 'id @skip(if: true)')} } }`, 50],
    [
      'has 6 directives at one place',
      (count) => `{ organization { id ${times(count, () => '@skip(if: true)')} } }`,
      5,
    ],
    [
      'may ask for 50,001 objects',
      (count) => `{ organization { invites${page(String(count - 1))} } }`,
      50_000,
    ],
    [
      'nests values 21 deep',
      (count) => `{ invite(id: ${'['.repeat(count)}${']'.repeat(count)}) { id } }`,
      20,
    ],
    [
      'nests selections over 100 deep',
      (count) => `{ organization { ${nested(count - 2, '...', 'id')} } }`,
      100,
    ],
  ]
  test.each(edges)('%s', (what, document, most) => {
    expect(messages(document(most))).toEqual([])
    const [fault, ...others] = faults(document(most + 1))
    expect(fault?.message).toContain(what)
    expect(fault?.message).toContain(`at most ${most.toLocaleString('en')} are allowed.`)
    expect(fault?.extensions).toEqual({ code: 'OPERATION_TOO_LARGE' })
    expect(others).toEqual([])
  })
})

test('all that is too large is told at once', () => {
  expect(messages(`{ ${times(60, (i) => `a${i}: __typename`)} }`)).toEqual([
    'The operation selects 60 fields at its root; at most 20 are allowed.',
    'The operation has 60 aliases, fragments spread in; at most 50 are allowed.',
  ])
})

describe('fragments', () => {
  test('count as often as they are spread', () => {
    const document = (count: number) =>
      `{ organization { ${times(count, () => '...Names')} } } fragment Names on Organization { a: name b: name @skip(if: true) }`
    expect(messages(document(25))).toEqual([])
    expect(messages(document(26))).toEqual([
      'The operation has 52 aliases, fragments spread in; at most 50 are allowed.',
    ])
  })

  test('at the root count as root fields', () => {
    const document = `{ ...Root ...Root } fragment Root on Query { ${times(11, () => '__typename')} }`
    expect(messages(document)).toEqual([
      'The operation selects 22 fields at its root; at most 20 are allowed.',
    ])
  })

  test('add to the depth where they are spread', () => {
    const document = `{ organization { parent { ...Deep } } } fragment Deep on Organization { ${nested(18, 'parent', 'id')} }`
    expect(messages(document)).toEqual(['The operation nests 21 fields deep; at most 20 are allowed.'])
  })

  test('are held to the limits where nothing spreads them', () => {
    const document = `{ __typename } fragment Fat on Organization { ${times(501, () => 'id')} }`
    expect(messages(document)).toEqual([
      'The fragment selects 501 fields, fragments spread in; at most 500 are allowed.',
    ])
  })

  test('that spread themselves, are missing or on unknown types are left to the rules for that', () => {
    const cycle = '{ ...A } fragment A on Query { __typename ...B } fragment B on Query { __typename ...A }'
    expect(faults(cycle)).toEqual([])
    expect(validate(schema, parse(cycle), limitRules).map(({ message }) => message)).toEqual([
      'Cannot spread fragment "A" within itself via "B".',
    ])
    expect(faults('{ ...Nowhere organisation { ...{ id } ... on Nothing { id } } }')).toEqual([])
  })

  test('that double the selection each time are refused with numbers that stay finite', () => {
    expect(messages(aliasBomb(40))).toContain(
      'The operation selects over 1,000,000,000 fields, fragments spread in; at most 500 are allowed.',
    )
  })
})

describe('what clients send passes', () => {
  test("GraphiQL's examples and its introspection", () => {
    const introspection = getIntrospectionQuery({ schemaDescription: true, inputValueDeprecation: true })
    for (const document of [introspection, ...examples.map(({ query }) => query)]) {
      expect(validate(schema, parse(document), [...limitRules, ...specifiedRules])).toEqual([])
    }
  })

  test.each([
    ['the overview', `{ ${overview('10', '10', '5')} }`],
    [
      'a hundred with what they belong to',
      `{ organization { invites${page('100', 'id integration { id name } portals { id name integration { id } }')} } }`,
    ],
    [
      'a hundred by their ids',
      `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Invite { portals { id } } } }`,
    ],
  ])('%s', (_, document) => {
    const parsed = parse(document)
    expect(validate(schema, parsed, [...limitRules, ...specifiedRules])).toEqual([])
    const ids = Array.from({ length: 100 }, () => 'invite_1')
    expect(costFault(schema, parsed, undefined, { ids })).toBeUndefined()
  })
})

describe('tokens are tried once in an operation', () => {
  const accept = (name: string) => `${name}(input: { token: "a" }) { __typename }`

  test.each(['acceptInvite', 'acceptGuestInvitation'])('%s', (name) => {
    expect(messages(`mutation { ${accept(name)} }`)).toEqual([])
    const twice = [
      `mutation { a: ${accept(name)} b: ${accept(name)} }`,
      `mutation { ...A a: ${accept(name)} } fragment A on Mutation { ... { ${accept(name)} } }`,
    ]
    for (const document of twice) {
      expect(faults(document)).toMatchObject([
        {
          message: `The operation selects ${name} 2 times; at most 1 is allowed.`,
          extensions: { code: 'TOO_MANY_ATTEMPTS' },
        },
      ])
    }
  })

  test('one of each is fine, and so is one in each operation', () => {
    const [invite, guest] = [accept('acceptInvite'), accept('acceptGuestInvitation')]
    expect(messages(`mutation { ${invite} ${guest} } mutation Again { ${invite} }`)).toEqual([])
  })
})

import { expect, test } from 'vitest'
import { organization, testApp } from '../kit/app.ts'

const codes = (answer: { errors: { extensions: Record<string, unknown> }[] }) =>
  answer.errors.map(({ extensions }) => extensions.code)

test.for([
  ['nesting of fields', 'OPERATION_TOO_LARGE', `{organization{${'parent{'.repeat(25)}id${'}'.repeat(27)}`],
  ['nesting of 5,000', 'GRAPHQL_PARSE_FAILED', `${'{a'.repeat(5000)}${'}'.repeat(5000)}`],
  ['nesting that just parses', 'OPERATION_TOO_LARGE', `${'{a'.repeat(1300)}${'}'.repeat(1300)}`],
  ['a list of 90,000 brackets', 'GRAPHQL_PARSE_FAILED', `{node(id:${'['.repeat(90_000)}`],
  ['a list that just parses', 'OPERATION_TOO_LARGE', `{node(id:${'['.repeat(500)}${']'.repeat(500)}){id}}`],
  ['a list of lists', 'BAD_USER_INPUT', '{node(id:[["x"]]){id}}'],
  [
    'a type of 500 lists',
    'OPERATION_TOO_LARGE',
    `query($x:${'['.repeat(500)}ID${']'.repeat(500)}){__typename}`,
  ],
  ['a type of lists', 'GRAPHQL_VALIDATION_FAILED', 'query($x:[[ID]]){node(id:$x){id}}'],
  [
    '10,000 aliases',
    'GRAPHQL_PARSE_FAILED',
    `{${Array.from({ length: 10_000 }, (_, i) => `a${i}:id`).join()}}`,
  ],
  ['an empty document', 'GRAPHQL_PARSE_FAILED', ''],
  ['blanks', 'GRAPHQL_PARSE_FAILED', ' \n'],
  ['a comment', 'GRAPHQL_PARSE_FAILED', '# nothing'],
  ['no GraphQL', 'GRAPHQL_PARSE_FAILED', 'select * from invites'],
  ['a string without end', 'GRAPHQL_PARSE_FAILED', '{ node(id: "'],
  [
    'a fragment alone',
    'OPERATION_RESOLUTION_FAILURE',
    'fragment A on Query { __typename } { ...A } query B { __typename }',
  ],
  ['a schema', 'OPERATION_RESOLUTION_FAILURE', 'type Query { id: ID }'],
  ['an unknown field', 'GRAPHQL_VALIDATION_FAILED', '{ nothing }'],
  ['an unknown argument', 'GRAPHQL_VALIDATION_FAILED', '{ node(id: "x", by: 1) { id } }'],
  ['a missing argument', 'GRAPHQL_VALIDATION_FAILED', '{ node { id } }'],
  ['an unknown directive', 'GRAPHQL_VALIDATION_FAILED', '{ __typename @nothing }'],
  ['an unknown variable', 'GRAPHQL_VALIDATION_FAILED', '{ node(id: $id) { id } }'],
  [
    'a variable of an unknown type',
    'GRAPHQL_VALIDATION_FAILED',
    'query ($x: Nothing) { __typename @skip(if: $x) }',
  ],
  [
    'fragments in a circle',
    'GRAPHQL_VALIDATION_FAILED',
    '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
  ],
  [
    'two operations of one name',
    'OPERATION_RESOLUTION_FAILURE',
    'query A { __typename } query A { __typename }',
  ],
  ['a literal of a wrong kind', 'BAD_USER_INPUT', '{ node(id: {}) { id } }'],
] as const)('%s: %s', async ([, code, document]) => {
  const app = await testApp()
  const { key } = await organization(app)
  for (const accept of ['application/json', 'application/graphql-response+json']) {
    const { status, data, errors } = await app.call(document, {}, { key, headers: { accept } })
    expect(data).toBeNull()
    expect(codes({ errors })).toContain(code)
    expect(status).toBeLessThan(500)
    if (accept !== 'application/json') expect(status).toBe(400)
  }
  expect(app.logged).toEqual([])
})

test('variables: what is missing, null, of a wrong type, deep or unknown', async () => {
  const app = await testApp()
  const { key, id } = await organization(app)
  const document =
    'query ($id: ID!, $size: Int) { organization(id: $id) { invites(first: $size) { totalCount } } }'
  for (const variables of [{}, { id: null }, { id: {} }, { id, size: 'x' }, { id, size: 1.5 }, { Id: id }]) {
    const { data, errors } = await app.call(document, variables, { key })
    expect(data).toBeNull()
    expect(codes({ errors })).toEqual(['BAD_USER_INPUT'])
  }
  expect((await app.call(document, { id, more: 1, size: null }, { key })).errors).toEqual([])
  const nullable = 'query ($id: ID = "x") { node(id: $id) { id } }'
  expect(codes(await app.call(nullable, { id: null }, { key }))).toEqual(['BAD_USER_INPUT'])

  const deep = '['.repeat(45_000) + ']'.repeat(45_000)
  for (const variables of [`{"id":${deep}}`, `{"id":"${id}","size":${deep}}`]) {
    const response = await app.post(`{"query":${JSON.stringify(document)},"variables":${variables}}`)
    expect(codes((await response.json()) as never)).toEqual(['BAD_USER_INPUT'])
  }
  expect(app.logged).toEqual([])
})

test('operationName must name one of the operations', async () => {
  const app = await testApp()
  const run = async (operationName: unknown) => {
    const response = await app.post(
      JSON.stringify({ query: 'query A { a: __typename } query B { b: __typename }', operationName }),
    )
    return (await response.json()) as { data?: object; errors: never[] }
  }
  expect(await run('B')).toEqual({ data: { b: 'Query' } })
  for (const name of ['C', null, undefined, '']) {
    expect(codes(await run(name)), `${name}`).toEqual(['OPERATION_RESOLUTION_FAILURE'])
  }
  for (const name of [5, {}, []]) expect(codes(await run(name))).toEqual(['BAD_REQUEST'])
})

test('a fault says where it is, and the same over HTTP and again', async () => {
  const app = await testApp()
  for (let time = 0; time < 2; time++) {
    const response = await app.post(JSON.stringify({ query: '{\n  nothing\n}' }))
    const { errors } = (await response.json()) as { errors: object[] }
    expect(errors).toEqual([
      {
        message: 'Cannot query field "nothing" on type "Query".',
        locations: [{ line: 2, column: 3 }],
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ])
  }
})

test('a suggestion ends with its question mark, and repeats no value', async () => {
  const app = await testApp()
  const { key } = await organization(app)
  const { errors } = await app.call(
    'mutation ($input: CreateMemberInvitationsInput!) { createMemberInvitations(input: $input) { __typename } }',
    { input: { invitatons: [{ email: 'secret@guest.example' }] } },
    { key },
  )
  const [suggestion] = errors.map(({ message }) => message).filter((message) => message.includes('Did you'))
  expect(suggestion).toMatch(/Did you mean "invitations"\?$/)
  expect(JSON.stringify(errors)).not.toContain('secret@')
})

import { getNamedType } from 'graphql'
import { expect, test } from 'vitest'
import { newSecret } from '#domain/secrets.ts'
import { schema } from '#schema/schema.ts'
import { testApp } from '../kit/app.ts'
import { estate } from '../kit/estate.ts'
import { documentOf, goodInputs, inputOf } from '../kit/mutations.ts'

/** A key that went astray, and a password that looks like nothing of ours. */
const SECRETS = [
  ['a key', newSecret('apiKey')],
  ['a passphrase', 'correct horse "battery" staple'],
  ['a password', 'tr0ub4dor_and_3'],
] as const

async function setUp(secret: string) {
  const app = await testApp({ openSchema: false })
  const acme = await estate(app)
  const answers: string[] = []
  const send = async (body: object | string, headers: Record<string, string> = {}) => {
    const response = await app.post(typeof body === 'string' ? body : JSON.stringify(body), {
      authorization: `Bearer ${acme.key}`,
      ...headers,
    })
    expect(response.status).toBeLessThan(500)
    answers.push((await response.text()) + JSON.stringify([...response.headers]))
  }
  const expectSilence = () => {
    const seen = [...answers, ...app.logged]
    const escaped = JSON.stringify(secret).slice(1, -1)
    // Escaped once more where the literal itself was to be quoted.
    for (const form of [secret, escaped, JSON.stringify(escaped).slice(1, -1)]) {
      expect(seen.filter((text) => text.includes(form))).toEqual([])
    }
    return answers.length
  }
  return { acme, send, expectSilence }
}

/** The secret where a value of this type belongs, and around it. */
const astray = (secret: string): unknown[] => [
  secret,
  [secret],
  { secret },
  { deep: [{ secret }] },
  [[secret]],
  // Names are told, so that a typo is found; but not what is no name, for its prefix.
  ...(secret.startsWith('lk_') ? [{ [secret]: 1 }] : []),
]

test.for(SECRETS)('in no field of an input is it repeated: %s', async ([, secret]) => {
  const { acme, send, expectSilence } = await setUp(secret)
  for (const [mutation, good] of Object.entries(goodInputs(acme))) {
    const query = documentOf(mutation)
    for (const field of Object.values(inputOf(mutation).getFields())) {
      // A name may be any text: it is kept, and is no secret.
      if (/name$/i.test(field.name)) continue
      for (const value of astray(secret)) {
        await send({ query, variables: { input: { ...good, [field.name]: value } } })
      }
      const literal = `{ ${field.name}: ${JSON.stringify(secret)} }`
      await send({ query: `mutation { ${mutation}(input: ${literal}) { __typename } }` })
    }
    for (const value of [
      secret,
      [secret],
      { secret },
      { ...good, unknown: secret },
      { ...good, secret: {} },
    ]) {
      await send({ query, variables: { input: value } })
    }
  }
  expect(expectSilence()).toBeGreaterThan(100)
})

test.for(SECRETS)('in no argument of a query is it repeated: %s', async ([, secret]) => {
  const { send, expectSilence } = await setUp(secret)
  const literal = JSON.stringify(secret)
  for (const { name, args } of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    for (const arg of args) {
      const query = `query ($x: ${getNamedType(arg.type)}!) { ${name}(${arg.name}: $x) { __typename } }`
      for (const x of astray(secret)) await send({ query, variables: { x } })
      for (const value of [literal, `[${literal}]`, `{ a: ${literal} }`, `"""${secret}"""`]) {
        await send({ query: `{ ${name}(${arg.name}: ${value}) { __typename } }` })
      }
    }
  }
  const lists = ['first', 'last', 'after', 'before', 'filter', 'search'].map((arg) => `${arg}: ${literal}`)
  for (const arg of [...lists, `filter: { statuses: ${literal} }`, `filter: { portalId: ${literal} }`]) {
    await send({ query: `{ organization { invites(${arg}) { totalCount } } }` })
  }
  await send({ query: `{ organization { integrationByName(name: "x", match: ${literal}) { __typename } } }` })
  await send({
    query:
      'query ($m: NameMatch) { organization { integrationByName(name: "x", match: $m) { __typename } } }',
    variables: { m: secret },
  })
  await send({ query: `query ($x: Int = ${literal}) { organization { invites(first: $x) { totalCount } } }` })
  expectSilence()
})

test.for(SECRETS)('nor where a request is no request: %s', async ([, secret]) => {
  const { send, expectSilence } = await setUp(secret)
  const literal = JSON.stringify(secret)
  for (const body of [secret, literal, `{"query": ${literal}`, `[${literal}]`, `{${literal}: 1}`])
    await send(body)
  for (const query of [
    literal,
    `{ node(id: ${literal}`,
    `{ ${literal} }`,
    `query ${literal} { a }`,
    secret,
  ]) {
    await send({ query })
  }
  await send({ query: '{ __typename }', operationName: secret })
  await send({ query: '{ __typename }', variables: secret })
  await send({ query: '{ __typename }', [secret]: 1 })
  await send({ query: '{ __typename }', variables: { [secret]: secret } })
  await send({ query: '{ __typename }' }, { authorization: `Bearer ${secret}` })
  await send({ query: '{ __typename }' }, { authorization: secret })
  await send({ query: '{ __typename }' }, { 'accept-language': secret, 'last-event-id': secret })
  expectSilence()
})

test('a key of ours is recognized even where a name belongs', async () => {
  const key = newSecret('apiKey').replaceAll('-', '_')
  const { send, expectSilence } = await setUp(key)
  for (const query of [
    `{ ${key} }`,
    `{ node(id: ${key}) { id } }`,
    `{ node(${key}: 1) { id } }`,
    `{ __typename @${key} }`,
    `{ ...${key} }`,
    `query ($${key}: ID!) { node(id: $${key}) { id } }`,
    `query ($x: ${key}) { node(id: $x) { id } }`,
    `fragment A on ${key} { id } { ...A }`,
    `{ node(id: "x") { id } ${key}`,
    `${key}`,
  ]) {
    await send({ query })
  }
  expectSilence()
})

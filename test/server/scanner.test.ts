import { expect, test } from 'vitest'
import { times } from '../kit/documents.ts'
import { startServer } from '../kit/server.ts'

// What graphql-cop asks, and what in the answers it takes for a finding.

interface Reply {
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: a scanner looks for whatever there may be
  json: any
}

async function ask(url: string, init?: RequestInit): Promise<Reply> {
  const text = await (await fetch(url, init)).text()
  try {
    return { text, json: JSON.parse(text) }
  } catch {
    return { text, json: undefined }
  }
}

const postJson = (url: string, body: unknown) =>
  ask(`${url}/graphql`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
const query = (url: string, text: string) => postJson(url, { query: text, operationName: 'cop' })
const byGet = (url: string, text: string) => ask(`${url}/graphql?${new URLSearchParams({ query: text })}`)

const IDE = /graphiql\.min\.css|GraphQL Playground|GraphiQL|graphql-playground/
const IDE_PATHS = ['/', '/graphiql', '/playground', '/console', '/graphql']

/** Each answers whether there is a finding. */
const checks: Record<string, (url: string) => Promise<boolean>> = {
  async 'field suggestions'(url) {
    const answers = [
      await query(url, 'query cop { __schema { directive } }'),
      await query(url, 'query cop { organizatio { id } }'),
    ]
    return answers.some(({ text }) => /did you mean/i.test(text))
  },
  async introspection(url) {
    const { json } = await query(url, 'query cop { __schema { types { name fields { name } } } }')
    return Boolean(json?.data?.__schema?.types)
  },
  async 'an IDE'(url) {
    const pages = IDE_PATHS.flatMap((path) => [
      ask(url + path),
      ask(url + path, { headers: { accept: 'text/html' } }),
    ])
    return (await Promise.all(pages)).some(({ text }) => IDE.test(text))
  },
  async 'queries by GET'(url) {
    return Boolean((await byGet(url, 'query cop { __typename }')).json?.data?.__typename)
  },
  async 'mutations by GET'(url) {
    return Boolean((await byGet(url, 'mutation cop { __typename }')).json?.data?.__typename)
  },
  async 'queries in forms'(url) {
    const body = new URLSearchParams({ query: 'query cop { __typename }' })
    const form = await ask(`${url}/graphql`, { method: 'POST', body })
    const bare = await ask(`${url}/graphql?${body}`, { method: 'POST' })
    return [form, bare].some(({ json }) => Boolean(json?.data?.__typename))
  },
  async '101 aliases'(url) {
    const { json } = await query(url, `query cop { ${times(101, (i) => `alias${i}:__typename`)} }`)
    return Boolean(json?.data?.alias100)
  },
  async 'batches of queries'(url) {
    const batch = Array.from({ length: 11 }, () => ({ query: 'query cop { __typename }' }))
    return ((await postJson(url, batch)).json?.length ?? 0) >= 10
  },
  async '500 times the same field'(url) {
    const { json } = await query(url, `query cop { ${times(500, () => '__typename')} }`)
    return Boolean(json?.data?.__typename)
  },
  async '10 times the same directive'(url) {
    const { json } = await query(url, 'query cop { __typename @aa@aa@aa@aa@aa@aa@aa@aa@aa@aa }')
    return json?.errors?.length === 10
  },
  async 'a schema in circles'(url) {
    const circle = `${'fields { type { '.repeat(4)} name ${'} } '.repeat(4)}`
    const { json } = await query(url, `query cop { __schema { types { ${circle} } } }`)
    return (json?.data?.__schema?.types?.length ?? 0) > 25
  },
  async tracing(url) {
    const { text, json } = await query(url, 'query cop { __typename }')
    const told = [json?.extensions, json?.errors?.[0]?.extensions]
    return told.some((extensions) => extensions?.tracing ?? extensions?.exception) || /stacktrace/i.test(text)
  },
  async 'unhandled errors'(url) {
    const { text, json } = await query(url, 'qwerty cop { abc }')
    return Boolean(json?.errors?.[0]?.extensions?.exception) || /"exception"|stack/i.test(text)
  },
}

test('the checks of a scanner find nothing in a server as it runs in production', async () => {
  const { url } = await startServer({ openSchema: false, graphiql: undefined })
  expect((await query(url, 'query cop { __typename }')).json).toEqual({ data: { __typename: 'Query' } })
  const found: string[] = []
  for (const [name, check] of Object.entries(checks)) if (await check(url)) found.push(name)
  expect(Object.keys(checks)).toHaveLength(13)
  expect(found).toEqual([])
})

test('they do find what is open in development', async () => {
  const { url } = await startServer({ openSchema: true, allowGet: true })
  const found: string[] = []
  for (const [name, check] of Object.entries(checks)) if (await check(url)) found.push(name)
  expect(found).toEqual(['field suggestions', 'introspection', 'an IDE', 'queries by GET'])
})

import { type ExecutionResult, GraphQLObjectType, GraphQLSchema, GraphQLString, parse } from 'graphql'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { anonymous, type Permission } from '#domain/access.ts'
import { insertApiKey, type NewApiKey } from '#domain/apiKey.ts'
import { Engine } from '#server/engine.ts'
import { testDatabase } from '../kit/app.ts'
import { startServer } from '../kit/server.ts'
import { asker, house, invite } from '../kit/story.ts'
import { overSocket, socketClient } from '../kit/subscriber.ts'
import { failure, take } from '../kit/transports.ts'

const QUERY = `subscription { invitationEvents { sequence invitation { id
  ... on Invite { viewerCanRevoke { allowed } inviteeMessage { text } } } } }`
const MESSAGES = [
  { locale: 'en', text: 'Welcome' },
  { locale: 'de', text: 'Willkommen' },
]

async function start() {
  const statements: string[] = []
  const server = await startServer({ database: await testDatabase((sql) => void statements.push(sql)) })
  const acme = await house(server)
  const newKey = async (options: Partial<NewApiKey>) => {
    const { apiKey, secret } = await server.store.write((tx) =>
      insertApiKey(tx, { organizationId: acme.id, role: 'ORG_ADMIN', ...options }),
    )
    return { id: apiKey.id, secret }
  }
  const follow = (apiKey: string, language = 'en', query = QUERY, variables = {}) =>
    overSocket(socketClient(server, { init: { apiKey, 'accept-language': language } }).client, {
      query,
      variables,
    })
  return { server, acme, statements, newKey, follow }
}

test('what is shared never crosses viewers with other rights, languages or selections', async () => {
  const { acme, newKey, follow } = await start()
  const scopes: Permission[] = ['event:read', 'invite:read']
  const viewer = await newKey({ role: 'ORG_VIEWER' })
  const confined = await newKey({ scopes })
  const blind = await newKey({ scopes: ['event:read'] })
  const inLocale = QUERY.replace('subscription', 'subscription ($locales: [Locale!])').replace(
    'inviteeMessage',
    'inviteeMessage(locales: $locales)',
  )
  const followers = await Promise.all([
    follow(acme.key),
    follow((await newKey({})).secret),
    follow(viewer.secret),
    follow(confined.secret),
    follow(blind.secret),
    follow(acme.key, 'de'),
    follow(acme.key, 'en', inLocale, { locales: ['de'] }),
    follow(acme.key, 'de', inLocale, { locales: ['en'] }),
  ])
  await invite(acme, { inviteeMessage: MESSAGES })
  const told = await Promise.all(followers.map(async (each) => (await take(each, 1))[0]))
  const words = told.map((each) => each?.data?.invitationEvents.invitation)
  expect(words.map((word) => word?.viewerCanRevoke.allowed)).toEqual([
    true,
    true,
    false,
    false,
    undefined,
    true,
    true,
    true,
  ])
  expect(told[4]?.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  expect(words.map((word) => word?.inviteeMessage.text)).toEqual([
    'Welcome',
    'Welcome',
    'Welcome',
    'Welcome',
    undefined,
    'Willkommen',
    'Willkommen',
    'Welcome',
  ])
})

test('revoking the key of one viewer ends what it follows, and nothing else', async () => {
  const { server, acme, newKey, follow } = await start()
  const leaving = await newKey({})
  const staying = await newKey({})
  const [left, stayed] = await Promise.all([follow(leaving.secret), follow(staying.secret)])
  await invite(acme)
  expect((await take(left, 1))[0]).toEqual((await take(stayed, 1))[0])
  await asker(server, acme.key)(
    `mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { ... on UserError { code } } }`,
    { id: leaving.id },
  )
  await invite(acme)
  const [error] = await failure(Promise.resolve(left))
  expect(error?.extensions.code).toBe('UNAUTHENTICATED')
  await invite(acme)
  const sequences = (await take(stayed, 2)).map(({ data }) => data.invitationEvents.sequence)
  expect(sequences).toEqual([2, 3])
})

test('what is told to many in the same words is read once', async () => {
  const { acme, statements, follow } = await start()
  const read = async () => {
    statements.length = 0
    await invite(acme)
    return () => statements.filter((sql) => /^\s*select \* from "?invites/i.test(sql)).length
  }
  const followers = await Promise.all(Array.from({ length: 20 }, () => follow(acme.key)))
  const reads = await read()
  const told = await Promise.all(followers.map(async (each) => (await take(each, 1))[0]))
  for (const each of told) expect(each).toEqual(told[0])
  expect(reads()).toBe(1)
})

test('an error that many are told of happens once, and names to each their own request', async () => {
  let runs = 0
  const fields = { never: { type: GraphQLString } }
  const faulty = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        event: {
          type: GraphQLString,
          subscribe: async function* () {
            yield { organization_id: 'org_1', sequence: 1 }
          },
          resolve() {
            runs++
            throw new Error('A bug')
          },
        },
      },
    }),
  })
  const engine = new Engine({ schema: faulty, log: pino({ level: 'silent' }), openSchema: true })
  const document = parse('subscription { event }')
  const told = await Promise.all(
    ['request-1', 'request-2'].map(async (requestId) => {
      const contextValue = { viewer: anonymous, requestId }
      const results = await engine.subscribe({ schema: faulty, document, contextValue })
      const { value } = await (results as AsyncIterator<ExecutionResult>).next()
      return value.errors[0].extensions.requestId
    }),
  )
  expect([runs, ...told]).toEqual([1, 'request-1', 'request-2'])
})

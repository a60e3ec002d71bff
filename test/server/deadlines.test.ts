import { type ExecutionResult, GraphQLObjectType, GraphQLSchema, GraphQLString, parse } from 'graphql'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { anonymous } from '#domain/access.ts'
import { Engine } from '#server/engine.ts'

const slow = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: {
      now: { type: GraphQLString, resolve: () => 'now' },
      never: { type: GraphQLString, resolve: () => new Promise(() => {}) },
    },
  }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      event: {
        type: GraphQLString,
        subscribe: async function* () {
          for (const [sequence, speed] of ['slow', 'fast'].entries())
            yield { speed, organization_id: 'org_1', sequence }
        },
        resolve: ({ speed }) => (speed === 'fast' ? speed : new Promise(() => {})),
      },
    },
  }),
})

const engine = (deadlineMs: number) =>
  new Engine({ schema: slow, log: pino({ level: 'silent' }), openSchema: true, deadlineMs })

const run = (document: string, deadlineMs: number) =>
  engine(deadlineMs).execute({
    schema: slow,
    document: parse(document),
    contextValue: { viewer: anonymous, requestId: 'request-1' },
  })

test('an operation that takes too long is given up, with a code', async () => {
  const { errors } = await run('{ now never }', 20)
  expect(errors?.map(({ extensions }) => extensions.code)).toContain('DEADLINE_EXCEEDED')
})

test('an operation in time has its answer', async () => {
  expect(await run('{ now }', 10_000)).toEqual({ data: { now: 'now' } })
})

test('an event that takes too long is told as such, and the next one comes', async () => {
  const results = await engine(20).subscribe({
    schema: slow,
    document: parse('subscription { event }'),
    contextValue: { viewer: anonymous, requestId: 'request-1' },
  })
  const taken: ExecutionResult[] = []
  for await (const result of results as AsyncIterable<ExecutionResult>) taken.push(result)
  expect(taken).toMatchObject([
    { errors: [{ extensions: { code: 'DEADLINE_EXCEEDED' } }] },
    { data: { event: 'fast' } },
  ])
})

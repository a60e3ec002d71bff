import { describe, expect, test } from 'vitest'
import { EVENTS, SEQUENCES } from '../kit/events.ts'
import { complete, greetedSocket, type RawSocket, subscribe } from '../kit/rawSocket.ts'
import { startServer } from '../kit/server.ts'
import { CREATE_INVITE, house, invite } from '../kit/story.ts'

async function start() {
  const server = await startServer()
  const acme = await house(server)
  return { server, acme, raw: await greetedSocket(server, acme.key) }
}

type Started = Awaited<ReturnType<typeof start>>

/** That the socket is open, and its subscription `events` gets what happens now. */
async function expectAlive({ acme, raw }: Started) {
  const before = raw.of('events').length
  await invite(acme)
  await raw.until(() => raw.of('events').length > before)
  expect(raw.socket.readyState).toBe(1)
}

const types = (raw: RawSocket, id: string) => raw.of(id).map(({ type }) => type)

describe('a ping', () => {
  test('is answered, with what it came with', async () => {
    const { raw } = await start()
    raw.send({ type: 'ping' }, { type: 'ping', payload: { at: 1, text: 'ü' } }, { type: 'ping', payload: {} })
    await raw.until(4)
    expect(raw.received.slice(1)).toEqual([
      { type: 'pong' },
      { type: 'pong', payload: { at: 1, text: 'ü' } },
      { type: 'pong', payload: {} },
    ])
  })

  test('a pong that nobody asked for is fine', async () => {
    const { raw } = await start()
    raw.send({ type: 'pong' }, { type: 'pong', payload: { any: 'thing' } })
    await raw.settled()
  })
})

const TWO = 'query A { __typename } query B { __typename }'

describe('an operation that cannot run is answered by an error of its own:', () => {
  const refused: [what: string, payload: object, code: string][] = [
    ['a syntax error', { query: '{ organization' }, 'GRAPHQL_PARSE_FAILED'],
    ['an empty document', { query: '' }, 'GRAPHQL_PARSE_FAILED'],
    ['too many tokens', { query: `{ ${'__typename '.repeat(5000)} }` }, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', { query: '{ nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['more fields than are allowed', { query: `{ ${'__typename '.repeat(501)} }` }, 'OPERATION_TOO_LARGE'],
    [
      'a cost that its variables make',
      {
        query: 'query ($n: Int) { organization { invites(first: $n) { edges { node { id } } } } }',
        variables: { n: 1e6 },
      },
      'OPERATION_TOO_LARGE',
    ],
    [
      'an unknown operation',
      { query: 'query A { __typename }', operationName: 'B' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['none named of two', { query: TWO }, 'OPERATION_RESOLUTION_FAILURE'],
    [
      'credentials that are not good',
      { query: '{ __typename }', extensions: { headers: { authorization: 'Bearer lk_key_x' } } },
      'UNAUTHENTICATED',
    ],
  ]
  test.each(refused)('%s', async (_, payload, code) => {
    const started = await start()
    const { raw } = started
    raw.send(subscribe('events', SEQUENCES), { id: '1', type: 'subscribe', payload })
    const answers = await raw.ended('1')
    expect(answers).toEqual([{ id: '1', type: 'error', payload: expect.any(Array) }])
    expect(answers[0]?.payload[0]).toMatchObject({ message: expect.any(String), extensions: { code } })
    await expectAlive(started)
    expect(raw.of('1')).toHaveLength(1)
  })
})

describe('an operation that runs', () => {
  test('a query and a mutation are answered by one next and complete', async () => {
    const { acme, raw } = await start()
    const input = { integrationId: acme.integrationId, portalIds: acme.portalIds }
    raw.send(subscribe('q', '{ __typename }'), subscribe('m', CREATE_INVITE, { variables: { input } }))
    expect(await raw.ended('q')).toEqual([
      { id: 'q', type: 'next', payload: { data: { __typename: 'Query' } } },
      { id: 'q', type: 'complete' },
    ])
    const [next] = await raw.ended('m')
    expect(next?.payload.data.createInvite.invite.status).toBe('PENDING')
    expect(types(raw, 'm')).toEqual(['next', 'complete'])
  })

  test('errors beside data come as a result does', async () => {
    const { server } = await start()
    const raw = await greetedSocket(server)
    raw.send(subscribe('1', '{ __typename organization { id } }'))
    const [next] = await raw.ended('1')
    expect(next).toMatchObject({
      type: 'next',
      payload: {
        data: { __typename: 'Query', organization: null },
        errors: [{ path: ['organization'], extensions: { code: 'UNAUTHENTICATED' } }],
      },
    })
    expect(types(raw, '1')).toEqual(['next', 'complete'])
  })

  test.each([
    ['a query', 'query ($id: ID!) { node(id: $id) { id } }', { id: { a: 1 } }],
    ['a query that misses one', 'query ($id: ID!) { node(id: $id) { id } }', {}],
    ['a subscription', SEQUENCES, { after: 5.5 }],
  ])('variables of another type are told: %s', async (_, query, variables) => {
    const started = await start()
    const { raw } = started
    raw.send(subscribe('events', EVENTS), subscribe('1', query, { variables }))
    const [answer] = await raw.ended('1')
    expect(answer?.payload).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
    expect(answer?.payload).not.toHaveProperty('data')
    await expectAlive(started)
  })

  test('many at once are each answered', async () => {
    const { raw } = await start()
    const ids = Array.from({ length: 200 }, (_, index) => `${index}`)
    raw.send(...ids.map((id) => subscribe(id, `{ a${id}: __typename }`)))
    for (const id of ids) {
      expect((await raw.ended(id))[0]?.payload).toEqual({ data: { [`a${id}`]: 'Query' } })
      expect(types(raw, id)).toEqual(['next', 'complete'])
    }
  })

  test('complete ends a subscription, and nothing more of it comes', async () => {
    const started = await start()
    const { raw } = started
    raw.send(subscribe('events', SEQUENCES), subscribe('1', SEQUENCES))
    await raw.settled()
    await expectAlive(started)
    await raw.until(() => raw.of('1').length === 1)
    raw.send(complete('1'))
    await raw.settled()
    await expectAlive(started)
    expect(types(raw, '1')).toEqual(['next'])
  })
})

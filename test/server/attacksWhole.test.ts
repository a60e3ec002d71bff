import { describe, expect, test } from 'vitest'
import { aliasBomb, nested, times } from '../kit/documents.ts'
import { SEQUENCES } from '../kit/events.ts'
import { greetedSocket, rawSocket, subscribe } from '../kit/rawSocket.ts'
import { startServer } from '../kit/server.ts'
import { house, invite } from '../kit/story.ts'

const MAX_MS = 1000
const MAX_FRAME = 64 * 1024

const TOO_LARGE = 'OPERATION_TOO_LARGE'
const UNPARSED = 'GRAPHQL_PARSE_FAILED'

const attacks: [what: string, code: string, document: string][] = [
  ['a kilobyte of aliased fragments', TOO_LARGE, aliasBomb(18)],
  [
    'a fan of 60 spreads',
    TOO_LARGE,
    `{ organization { ${times(60, () => '...F0')} } } ${times(20, (i) => `fragment F${i} on Organization { parent { ${times(60, () => `...F${i + 1}`)} } }`)} fragment F20 on Organization { id }`,
  ],
  ['10,000 aliases', UNPARSED, `{${times(10_000, (i) => `a${i}:id`)}}`],
  ['1,000 aliases', TOO_LARGE, `{ ${times(1000, (i) => `a${i}: __typename`)} }`],
  ['5,000 levels', UNPARSED, `{ organization { ${nested(5000, 'a', 'id')} } }`],
  ['1,300 levels', TOO_LARGE, `{ organization { ${nested(1300, 'parent', 'id')} } }`],
  ['100,000 brackets', UNPARSED, `{ invite(id: ${'['.repeat(99_900)}`],
  ['50,000 brackets', UNPARSED, `{ invite(id: ${'['.repeat(50_000)}${']'.repeat(10_000)}) { id } }`],
]

async function timed<Result>(work: () => Promise<Result>): Promise<Result> {
  const start = performance.now()
  const result = await work()
  expect(performance.now() - start).toBeLessThan(MAX_MS)
  return result
}

const post = (url: string, body: string, key: string) =>
  fetch(`${url}/graphql`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
  })

describe('over HTTP', () => {
  test.each(attacks)('%s: refused with %s, at once', async (_, code, query) => {
    const { url, key, logged } = await startServer({ openSchema: false })
    const body = JSON.stringify({ query })
    const response = await timed(() => post(url, body, key))
    const answer = (await response.json()) as { errors: { message: string; extensions: object }[] }
    expect(answer).not.toHaveProperty('data')
    const expected = body.length > 100_000 ? 'BAD_REQUEST' : code
    expect(answer.errors[0]).toMatchObject({ message: expect.any(String), extensions: { code: expected } })
    expect(logged).toEqual([])
  })

  test('a body of 20 MB: refused with 413, at once', async () => {
    const { url, key } = await startServer()
    const body = `{"query":"{ __typename }","variables":{"x":"${'x'.repeat(20_000_000)}"}}`
    const response = await timed(() => post(url, body, key))
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
  })

  test('while they are sent, others are answered', async () => {
    const { url, key } = await startServer()
    const sent = attacks.flatMap((attack) => Array.from({ length: 5 }, () => attack))
    const answers = Promise.all(
      sent.map(([, , query], index) => post(url, JSON.stringify({ query: `${query} #${index}` }), key)),
    )
    await timed(() => post(url, '{"query":"{ __typename }"}', key))
    for (const { status } of await answers) expect(status).toBeLessThan(500)
  })
})

describe('over WebSocket', () => {
  const small = attacks.filter(([, , document]) => document.length < MAX_FRAME - 200)

  test.each(small)('%s: refused with %s, and the socket goes on', async (_, code, query) => {
    const server = await startServer({ openSchema: false })
    const acme = await house(server)
    const raw = await greetedSocket(server, acme.key)
    raw.send(subscribe('events', SEQUENCES))
    await raw.settled()
    raw.send(subscribe('attack', query))
    const [answer] = await timed(() => raw.ended('attack'))
    expect(answer?.type).toBe('error')
    expect(answer?.payload[0]).toMatchObject({ message: expect.any(String), extensions: { code } })
    await invite(acme)
    await raw.until(() => raw.of('events').length === 1)
    expect(raw.socket.readyState).toBe(1)
  })

  test('what is larger than a frame may be closes its own socket with 1009, and no other', async () => {
    const server = await startServer()
    const acme = await house(server)
    const other = await greetedSocket(server, acme.key)
    other.send(subscribe('events', SEQUENCES))
    await other.settled()
    for (const [, , query] of attacks.filter((attack) => !small.includes(attack))) {
      for (const connect of [() => greetedSocket(server, acme.key), () => rawSocket(server)]) {
        const { send, closed } = await connect()
        send(subscribe('attack', query))
        expect(await timed(() => closed)).toBe(1009)
      }
    }
    await invite(acme)
    await other.until(() => other.of('events').length === 1)
  })
})

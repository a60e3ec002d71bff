import type { Documents } from './documents.ts'
import type { Pools } from './pools.ts'
import { mutatedBytes, mutatedTokens, type Random } from './random.ts'
import type { Sent } from './send.ts'
import type { Values } from './values.ts'

const METHODS = ['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'PURGE']
const CONTENT_TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=utf-16',
  'text/plain',
  'application/graphql',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json, text/plain',
  'x',
  '',
]
const ACCEPTS = [
  ...['*/*', 'application/json', 'application/graphql-response+json', 'text/event-stream'],
  ...['multipart/mixed', 'text/html', 'image/png', 'application/json;q=0, */*;q=9'],
  ...[';;;', 'text/event-stream, application/json'],
]
const PATHS = [
  ...['/graphql', '/graphql/', '/graphql?query={__typename}', '/graphql?variables=%7B'],
  ...['/', '/health', '/ready', '/schema.graphql'],
  ...['/graphiql/..%2f..%2fpackage.json', '/graphiql/x.js', '/%00', '/%'],
  ...['//graphql', '/graphql/stream', '/metrics', '/invite/abc'],
]
const LANGUAGES = ['en', 'de-CH;q=0.9, en;q=x', '*', ','.repeat(50), 'en-'.repeat(300), 'x;q=1e999']

/** Makes requests: most as a client means them, the others changed at one of their ends. */
export class Requests {
  readonly #random: Random
  readonly #documents: Documents
  readonly #values: Values
  readonly #pools: Pools

  constructor(random: Random, documents: Documents, values: Values, pools: Pools) {
    this.#random = random
    this.#documents = documents
    this.#values = values
    this.#pools = pools
  }

  next(key: string): Sent {
    const random = this.#random
    const operation = this.#documents.operation(random.chance(0.02) ? ['subscription'] : undefined)
    const way = random.next()
    const { kind, ...sent } = operation
    if (way > 0.5 && way < 0.7)
      sent.query = mutatedTokens(random, sent.query, this.#documents.operation().query)
    const body = Buffer.from(JSON.stringify(way >= 0.7 && way < 0.8 ? this.#odd(sent) : sent))
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      ...(random.chance(0.9) && { authorization: `Bearer ${this.#key(key)}` }),
      ...(kind === 'subscription' && { accept: 'text/event-stream' }),
    }
    if (random.chance(0.15)) Object.assign(headers, this.#oddHeaders())
    const bare = random.chance(0.02)
    return {
      method: bare ? random.pick(METHODS) : 'POST',
      path: random.chance(0.02) ? random.pick(PATHS) : '/graphql',
      headers,
      body: bare ? undefined : way >= 0.8 && way < 0.95 ? mutatedBytes(random, body) : body,
      byPort: random.chance(0.3),
    }
  }

  #key = (key: string) =>
    this.#random.chance(0.8) || this.#pools.keys.length === 0 ? key : this.#random.pick(this.#pools.keys)

  /** Well-formed JSON of another shape than a request has. */
  #odd(sent: { query: string; variables: Record<string, unknown> }): unknown {
    const { query, variables } = sent
    const random = this.#random
    const odd = () => random.pick([null, 0, true, '', 'text', [], {}, [[[]]], { a: 1 }, this.#values.text()])
    return random.one<unknown>(
      odd,
      () => [sent, sent],
      () => ({ ...sent, query: odd() }),
      () => ({ ...sent, variables: odd() }),
      () => ({ ...sent, operationName: odd() }),
      () => ({ ...sent, extensions: odd() }),
      () => ({ ...sent, [String(odd())]: odd() }),
      () => ({ query, variables: Object.fromEntries(Object.keys(variables).map((name) => [name, odd()])) }),
      () => ({ query: `${query}${' '.repeat(random.below(120_000))}`, variables }),
      () => ({ query: `{ a(b: ${'['.repeat(random.below(50_000))} }`, variables }),
      () => ({ query, variables: { ...variables, v0: JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) } }),
      () =>
        JSON.parse(
          `{"query":${JSON.stringify(query)},"__proto__":{"x":1},"variables":{"__proto__":{"y":1}}}`,
        ),
    )
  }

  #oddHeaders(): Record<string, string> {
    const random = this.#random
    const pool = this.#pools
    const id = () => (pool.ids.length > 0 ? random.pick(pool.ids) : 'org_1')
    return random.one<Record<string, string>>(
      () => ({ 'content-type': random.pick(CONTENT_TYPES) }),
      () => ({ accept: random.pick(ACCEPTS) }),
      () => ({ 'accept-language': random.pick(LANGUAGES) }),
      () => ({
        authorization: random.pick([
          'Bearer',
          'Bearer ',
          'Basic YTpi',
          `Bearer ${'x'.repeat(5000)}`,
          'bearer a b',
          'Bearer a.b.c',
          'Bearer eyJhbGciOiJub25lIn0.e30.',
        ]),
      }),
      () => ({ 'x-client-request-id': random.pick(['abcdefgh', 'a', 'x'.repeat(500), '../../..', '{}']) }),
      () => ({ 'last-event-id': random.pick([...pool.cursors, 'x', '1', '']) }),
      () => ({ 'x-org': id() }),
      () => ({ 'target-organization-id': id(), 'requester-organization-id': id() }),
      () => ({
        'x-stamp': random.pick([
          'e30',
          'x',
          '',
          Buffer.from(
            '{"publicKey":"02aa","scheme":"SIGNATURE_SCHEME_TK_API_P256","signature":"30"}',
          ).toString('base64url'),
        ]),
      }),
      () => ({ 'content-encoding': random.pick(['gzip', 'br', 'deflate', 'identity', 'x']) }),
      () => ({ origin: random.pick(['null', 'https://elsewhere.test', 'x']), cookie: 'a=b; __proto__=1' }),
      () => ({ 'x-forwarded-for': '1.2.3.4, ::1, x', 'x-forwarded-proto': 'x', forwarded: 'for=_' }),
      () => ({ 'if-none-match': '*', range: 'bytes=0-1', expect: '100-continue' }),
    )
  }
}

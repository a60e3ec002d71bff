import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startServer } from '../kit/server.ts'

const TEN_MEGABYTES = Buffer.alloc(10_000_000, 'a')
const QUERY = '{"query":"{__typename}"}'
const LAST = 'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'

/** All that the server says on one connection, until it closes it. */
async function converse(url: string, ...parts: (string | Buffer)[]): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const heard: Buffer[] = []
  socket.on('data', (chunk) => heard.push(chunk))
  for (const part of parts) socket.write(part)
  await once(socket, 'close')
  return Buffer.concat(heard).toString()
}

const post = (...headers: string[]) =>
  ['POST /graphql HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...headers, '', ''].join('\r\n')

test('10 MB are refused by their declared length, and the connection goes on', async () => {
  const { url } = await startServer()
  const heard = await converse(url, post('Content-Length: 10000000'), TEN_MEGABYTES, LAST)
  expect(heard).toMatch(/^HTTP\/1.1 413 [\s\S]*"BAD_REQUEST"[\s\S]*HTTP\/1.1 200 OK[\s\S]*ok\n/)
})

test('10 MB without a declared length are refused as they come, and the connection goes on', async () => {
  const { url } = await startServer()
  const chunked = [post('Transfer-Encoding: chunked'), '989680\r\n', TEN_MEGABYTES, '\r\n0\r\n\r\n']
  const heard = await converse(url, ...chunked, LAST)
  expect(heard).toMatch(/^HTTP\/1.1 413 [\s\S]*"BAD_REQUEST"[\s\S]*HTTP\/1.1 200 OK[\s\S]*ok\n/)
})

test('a body in chunks is a body as any other', async () => {
  const { url } = await startServer()
  const chunks = ['5\r\n{"que\r\n', '13\r\nry":"{__typename}"}\r\n', '0\r\n\r\n']
  const heard = await converse(url, post('Transfer-Encoding: chunked', 'Connection: close'), ...chunks)
  expect(heard).toMatch(/^HTTP\/1.1 200 OK[\s\S]*{"data":{"__typename":"Query"}}/)
})

test('a client that goes away in the middle of its body leaves nothing behind', async () => {
  const app = await startServer()
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
  socket.write(`${post('Content-Length: 5000')}{"query":`)
  await once(socket, 'ready')
  socket.destroy()
  await once(socket, 'close')
  expect((await app.query('{ __typename }')).data).toEqual({ __typename: 'Query' })
  expect(app.logged).toEqual([])
})

test.for(['a b', '[', '@', 'x:99999', 'x\u0000y', 'ü'])(
  'the host %j makes no address, and no 500',
  async (host) => {
    const { url } = await startServer()
    const request = post('Connection: close', `Content-Length: ${QUERY.length}`).replace(
      'Host: x',
      `Host: ${host}`,
    )
    const heard = await converse(url, request, QUERY)
    expect(heard).toMatch(/^HTTP\/1.1 (400|404|200) /)
    expect(heard).not.toMatch(/Error|node_modules|at .*:\d+/)
  },
)

test.for(['*', '//', 'http://elsewhere.test/graphql', 'http://[', '/%', '/\\', '/graphql%2f'])(
  'the target %s is not found, and no 500',
  async (target) => {
    const { url } = await startServer()
    const heard = await converse(url, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect(heard).toMatch(/^HTTP\/1.1 404 /)
  },
)

test('a body may begin with a byte order mark, and must be UTF-8', async () => {
  const { url } = await startServer()
  for (const [bytes, answer] of [
    [Buffer.from(`\ufeff${QUERY}`), /^HTTP\/1.1 200 OK[\s\S]*{"data":{"__typename":"Query"}}/],
    [Buffer.concat([Buffer.from(QUERY), Buffer.from([0x20, 0xff])]), /^HTTP\/1.1 400 [\s\S]*UTF-8/],
  ] as const) {
    const whole = await converse(url, post('Connection: close', `Content-Length: ${bytes.length}`), bytes)
    expect(whole).toMatch(answer)
    const head = post('Connection: close', 'Transfer-Encoding: chunked')
    expect(await converse(url, head, `${bytes.length.toString(16)}\r\n`, bytes, '\r\n0\r\n\r\n')).toMatch(
      answer,
    )
  }
})

import { request } from 'node:http'
import type { Target } from './target.ts'

/** A request as it is sent, and again when it is made smaller. */
export interface Sent {
  method: string
  path: string
  headers: Record<string, string>
  body: Buffer<ArrayBuffer> | undefined
  /** Through the port, not in the process. */
  byPort: boolean
}

export interface Received {
  status: number
  text: string
}

/** Sends the request and reads its answer: of a stream, only how it begins. */
export function send(target: Target, sent: Sent): Promise<Received> {
  return sent.byPort ? sendByPort(target, sent) : sendWithin(target, sent)
}

async function sendWithin(target: Target, { method, path, headers, body }: Sent): Promise<Received> {
  const withoutBody = method === 'GET' || method === 'HEAD'
  const init = { method, headers, ...(body && !withoutBody && { body }) }
  const response = await target.fetch(new Request(`http://latchkey.test${path}`, init))
  if (!response.headers.get('content-type')?.includes('event-stream')) {
    return { status: response.status, text: headersAnd(response.headers.entries(), await response.text()) }
  }
  const reader = response.body?.getReader()
  let text = ''
  for (let chunk = 0; reader && chunk < 3; chunk++) {
    const { value } = await Promise.race([reader.read(), quiet()])
    if (!value) break
    text += Buffer.from(value).toString()
  }
  // Without waiting: within the process, the stream notices only when its next event or ping is due.
  reader?.cancel().catch(() => {})
  return { status: response.status, text }
}

const sendByPort = ({ port }: Target, { method, path, headers, body }: Sent) =>
  new Promise<Received>((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers }, (incoming) => {
      const status = incoming.statusCode ?? 0
      let text = ''
      const done = () => resolve({ status, text: headersAnd(Object.entries(incoming.headers), text) })
      incoming.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      incoming.on('close', done)
      if (incoming.headers['content-type']?.includes('event-stream')) setTimeout(() => incoming.destroy(), 30)
    })
    // The server may refuse a body and hang up before it has read it all.
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE'
        ? resolve({ status: 0, text: '' })
        : reject(error),
    )
    outgoing.end(body)
  })

const quiet = () => new Promise<{ value?: undefined }>((resolve) => void setTimeout(() => resolve({}), 30))

const headersAnd = (headers: Iterable<[string, unknown]>, text: string) =>
  `${[...headers].map(([name, value]) => `${name}: ${String(value)}`).join('\n')}\n\n${text}`

import { Agent, createServer, type RequestListener, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { onTestFinished } from 'vitest'

/** Posts to a request listener over a port of its own, opened by the first of them: as clients come in. */
export function poster(listener: RequestListener) {
  let opening: Promise<{ port: number; agent: Agent }> | undefined
  return async (path: string, body: string, headers: Record<string, string>): Promise<Response> => {
    opening ??= open(listener)
    const { port, agent } = await opening
    return new Promise((resolve, reject) => {
      const posted = request({ port, agent, path, method: 'POST', headers }, (answer) => {
        const given = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
        const init = { status: answer.statusCode ?? 0, headers: given as [string, string][] }
        resolve(new Response(Readable.toWeb(answer) as ReadableStream, init))
      })
      posted.on('error', reject)
      posted.setHeader('content-length', Buffer.byteLength(body))
      posted.end(body)
    })
  }
}

function open(listener: RequestListener): Promise<{ port: number; agent: Agent }> {
  const agent = new Agent({ keepAlive: true })
  const server = createServer(listener)
  onTestFinished(() => {
    agent.destroy()
    server.close()
    server.closeAllConnections()
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ port: (server.address() as AddressInfo).port, agent }))
  })
}

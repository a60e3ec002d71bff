import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { App } from './app.ts'
import { serveWebSockets } from './websocket.ts'

/** How long running operations may take to finish when the server closes. */
const GRACE_MS = 5000
/** How long connections may then take to go. */
const FAREWELL_MS = 2000

export interface Listening {
  port: number
  /**
   * Takes no more connections, lets running operations finish, ends streams and sockets so that their
   * clients connect again elsewhere, and resolves when all is quiet: in less than 10 seconds.
   */
  close(): Promise<void>
}

export interface ListenOptions {
  host: string
  /** 0 for any. */
  port: number
  log: Logger
  /** How often open sockets are asked whether those who opened them may still come in. */
  checkMs?: number | undefined
  /** How long a WebSocket client may take to introduce itself. */
  initMs?: number | undefined
}

/** Serves the app on a port. Rejects where the port is taken. */
export async function listen(app: App, { host, port, ...options }: ListenOptions): Promise<Listening> {
  const { log } = options
  const server = createServer(app.handler)
  const sockets = serveWebSockets(server, app.engine, app.services, { ...options, origins: app.origins })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => resolve())
  })
  server.on('error', (error) => log.error({ err: error }, 'the server failed'))
  await app.clock.start()

  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      app.drain()
      sockets.drain()
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
      const idle = setInterval(() => server.closeIdleConnections(), 20)
      await Promise.race([app.engine.idle(), delay(GRACE_MS)])
      // The last results have been made, but not yet been sent.
      await setImmediate()
      sockets.close()
      app.streams.close()
      await Promise.race([closed, delay(FAREWELL_MS)])
      clearInterval(idle)
      sockets.terminate()
      server.closeAllConnections()
      await closed
      await app.clock.stop()
    },
  }
}

const delay = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms).unref())

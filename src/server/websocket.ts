import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { handleProtocols } from 'graphql-ws'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import { isStillWelcome } from '#domain/credentials.ts'
import type { Store } from '#domain/store.ts'
import type { Services } from './context.ts'
import type { Engine } from './engine.ts'
import { nextSender } from './frames.ts'
import { type Handshake, handshakeOf, isWelcome } from './handshake.ts'
import { carry, SERVICE_RESTART, UNAUTHORIZED } from './socket.ts'
import { type Connection, socketOperations } from './socketOperations.ts'

const MAX_FRAME_BYTES = 64 * 1024
/** How often open sockets are asked whether those who opened them may still come in. */
const CHECK_MS = 10_000

export interface SocketOptions {
  log: Logger
  /** Other origins than the server's own whose pages may connect. */
  origins: readonly string[]
  checkMs?: number | undefined
  initMs?: number | undefined
}

type Answer = (welcome: boolean, status: number) => void

/** Operations over graphql-transport-ws, at the same path as over HTTP. */
export function serveWebSockets(server: Server, engine: Engine, services: Services, options: SocketOptions) {
  const { log, origins } = options
  const connections = new Map<WebSocket, Connection>()
  const sockets = new WebSocketServer({
    server,
    path: '/graphql',
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    handleProtocols,
    verifyClient: ({ req }: { req: IncomingMessage }, answer: Answer) => answer(isWelcome(req, origins), 403),
  })
  const operations = socketOperations(engine, services, options)

  sockets.on('connection', (socket, request) => {
    const handshake = handshakeOf(request, services.trustedProxies)
    const connection = connectionOf(socket, request.socket, handshake)
    connections.set(socket, connection)
    socket.on('close', () => connections.delete(socket))
    carry(socket, request.socket, log, (transport) => operations.opened(transport, connection))
  })
  // It repeats the errors of the HTTP server, whose own listener tells them.
  sockets.on('error', () => {})

  const round = () =>
    closeUnwelcome(services.store, [...connections.values()]).catch((error) =>
      log.error({ err: error }, 'the credentials of open sockets could not be checked'),
    )
  const rounds = setInterval(round, options.checkMs ?? CHECK_MS).unref()

  return {
    /** Reads nothing more of what clients send, so that what is running can come to its end. */
    drain() {
      for (const socket of sockets.clients) socket.pause()
    },
    /** Tells every client to connect again, and takes no more. */
    close() {
      clearInterval(rounds)
      for (const socket of sockets.clients) {
        socket.close(SERVICE_RESTART, 'Service restart')
        // For its answer to the close; what else it sends is no longer heard.
        socket.resume()
      }
      sockets.close()
    },
    /** Drops those that did not answer the close. */
    terminate() {
      for (const socket of sockets.clients) socket.terminate()
    },
  }
}

const connectionOf = (socket: WebSocket, wire: Socket, handshake: Handshake): Connection => ({
  socket,
  handshake,
  operations: new Map(),
  subscriptions: new Set(),
  senderOf: (id) => nextSender(socket, wire, id),
})

/** Closes the sockets of those whose key was revoked or has ended, or who are members no more. */
async function closeUnwelcome(store: Store, open: readonly Connection[]) {
  const verdicts = new Map<string, boolean>()
  for (const { socket, viewer } of open) {
    if (!viewer || viewer.kind === 'anonymous') continue
    const credential = JSON.stringify(viewer)
    const holds = verdicts.get(credential) ?? (await isStillWelcome(store, viewer))
    verdicts.set(credential, holds)
    if (!holds) socket.close(UNAUTHORIZED, 'Unauthorized')
  }
}

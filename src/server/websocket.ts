import type { IncomingMessage, Server } from 'node:http'
import type { Context as SocketContext } from 'graphql-ws'
import { type Extra, useServer } from 'graphql-ws/use/ws'
import type { Logger } from 'pino'
import { WebSocketServer } from 'ws'
import { createContext, type HeaderReader, requestIdOf, type Services, viewerOf } from './context.ts'
import type { Engine } from './engine.ts'
import { presentError } from './errors.ts'

const MAX_FRAME_BYTES = 64 * 1024
/** As the graphql-transport-ws protocol has it: clients do not try again. */
const UNAUTHORIZED = 4401
/** Service restart: clients connect again at once. */
const RESTART = 1012

type Socket = SocketContext<Record<string, unknown>, Extra>

/** Operations over graphql-transport-ws, at the same path as over HTTP. */
export function serveWebSockets(server: Server, engine: Engine, services: Services, log: Logger) {
  const sockets = new WebSocketServer({
    server,
    path: '/graphql',
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    // Clients like wscat subscribe without waiting for the ack: it must have its turn first.
    allowSynchronousEvents: false,
  })

  useServer<Record<string, unknown>>(
    {
      // Close reasons must not tell more in development than in production.
      isProd: true,
      async onConnect(socket) {
        try {
          await viewerOf(services.store, headersOf(socket))
          return true
        } catch (error) {
          socket.extra.socket.close(UNAUTHORIZED, presentError(error, log, '').message)
          // Closing is said already: nothing more is to be sent.
          return new Promise<never>(() => {})
        }
      },
      async onSubscribe(socket, _id, payload) {
        const header = headersOf(socket, payload.extensions)
        try {
          const document = engine.parse(payload.query)
          const faults = engine.validate(document)
          if (faults.length > 0) return faults
          return {
            schema: engine.schema,
            document,
            operationName: payload.operationName,
            variableValues: payload.variables,
            contextValue: await createContext(services, header),
          }
        } catch (error) {
          return [presentError(error, log, requestIdOf(header))]
        }
      },
      execute: engine.execute as never,
      subscribe: engine.subscribe as never,
    },
    sockets,
  )

  return {
    /** Tells every client to connect again, and takes no more. */
    close() {
      for (const socket of sockets.clients) socket.close(RESTART, 'Service restart')
      sockets.close()
    },
    /** Drops those that did not answer the close. */
    terminate() {
      for (const socket of sockets.clients) socket.terminate()
    },
  }
}

/**
 * What stands for headers over WebSocket, the nearest first: an operation's `extensions.headers`, the
 * payload of `connection_init`, the headers of the upgrade request.
 */
function headersOf(socket: Socket, extensions?: Record<string, unknown> | null): HeaderReader {
  const own = lowerCased(extensions?.headers)
  const initial = lowerCased(socket.connectionParams)
  const { apikey } = initial
  if (apikey !== undefined) initial.authorization ??= `Bearer ${apikey}`
  const upgrade = (socket.extra.request as IncomingMessage).headers
  return (name) => {
    const value = own[name] ?? initial[name] ?? upgrade[name]
    return typeof value === 'string' ? value : undefined
  }
}

const lowerCased = (object: unknown): Record<string, unknown> =>
  typeof object === 'object' && object !== null
    ? Object.fromEntries(Object.entries(object).map(([key, value]) => [key.toLowerCase(), value]))
    : {}

import type { IncomingMessage, Server } from 'node:http'
import { type ExecutionResult, GraphQLError, getOperationAST } from 'graphql'
import { handleProtocols, makeServer, type Context as SocketContext } from 'graphql-ws'
import { isAsyncIterable } from 'graphql-yoga'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import { Refusal } from '#domain/errors.ts'
import { createContext, type HeaderReader, requestIdOf, type Services, viewerOf } from './context.ts'
import type { Engine } from './engine.ts'
import { presentError } from './errors.ts'
import { carry, SERVICE_RESTART, TRY_AGAIN_LATER, UNAUTHORIZED } from './socket.ts'

const MAX_FRAME_BYTES = 64 * 1024

interface Extra {
  socket: WebSocket
  request: IncomingMessage
  /** Whatever streams to the client: it ends with the socket. */
  streams: Set<Results>
}
type Results = AsyncIterableIterator<ExecutionResult> &
  Required<Pick<AsyncIterator<ExecutionResult>, 'return'>>
type Socket = SocketContext<Record<string, unknown>, Extra>

/** Operations over graphql-transport-ws, at the same path as over HTTP. */
export function serveWebSockets(server: Server, engine: Engine, services: Services, log: Logger) {
  const sockets = new WebSocketServer({
    server,
    path: '/graphql',
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    handleProtocols,
  })
  const operations = makeServer<Record<string, unknown>, Extra>({
    async onConnect(socket) {
      try {
        await viewerOf(services.store, headersOf(socket))
        return true
      } catch (error) {
        const { message } = presentError(error, log, '')
        socket.extra.socket.close(error instanceof Refusal ? UNAUTHORIZED : TRY_AGAIN_LATER, message)
        return false
      }
    },
    async onSubscribe(socket, _id, payload) {
      const header = headersOf(socket, payload.extensions)
      try {
        const document = engine.parse(payload.query)
        const faults = engine.validate(document)
        if (faults.length > 0) return faults
        if (!getOperationAST(document, payload.operationName)) return [unknownOperation()]
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
    // graphql-ws knows one stream an id, and forgets those of ids that a client uses twice.
    onOperation: ({ extra }, _id, _payload, _args, result) =>
      isAsyncIterable(result) ? known(extra.streams, result as Results) : result,
  })

  sockets.on('connection', (socket, request) => {
    const streams = new Set<Results>()
    carry(socket, request.socket, log, (transport) =>
      operations.opened(transport, { socket, request, streams }),
    )
    socket.on('close', () => {
      for (const stream of streams) void stream.return()
    })
  })
  // It repeats the errors of the HTTP server, whose own listener tells them.
  sockets.on('error', () => {})

  return {
    /** Reads nothing more of what clients send, so that what is running can come to its end. */
    drain() {
      for (const socket of sockets.clients) socket.pause()
    },
    /** Tells every client to connect again, and takes no more. */
    close() {
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

/** The same results, in the set until they have ended. */
function known(streams: Set<Results>, results: Results): Results {
  const stream: Results = {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      const { done, value } = await results.next()
      if (done) streams.delete(stream)
      return { done, value } as IteratorResult<ExecutionResult>
    },
    return() {
      streams.delete(stream)
      return results.return()
    },
  }
  streams.add(stream)
  return stream
}

const unknownOperation = () =>
  new GraphQLError('Name, by `operationName`, one operation that is in the document.', {
    extensions: { code: 'BAD_USER_INPUT' },
  })

/**
 * What stands for headers over WebSocket, the nearest first: an operation's `extensions.headers`, the
 * payload of `connection_init`, the headers of the upgrade request.
 */
function headersOf(socket: Socket, extensions?: Record<string, unknown> | null): HeaderReader {
  const own = lowerCased(extensions?.headers)
  const initial = lowerCased(socket.connectionParams)
  const { apikey } = initial
  if (apikey !== undefined) initial.authorization ??= `Bearer ${apikey}`
  const upgrade = socket.extra.request.headers
  return (name) => {
    const value = own[name] ?? initial[name] ?? upgrade[name]
    return typeof value === 'string' ? value : undefined
  }
}

const lowerCased = (object: unknown): Record<string, unknown> =>
  typeof object === 'object' && object !== null
    ? Object.fromEntries(Object.entries(object).map(([key, value]) => [key.toLowerCase(), value]))
    : {}

import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql'
import { makeServer, type Context as SocketContext, type SubscribePayload } from 'graphql-ws'
import { isAsyncIterable } from 'graphql-yoga'
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import type { Viewer } from '#domain/access.ts'
import { Refusal } from '#domain/errors.ts'
import { createContext, requestIdOf, type Services } from './context.ts'
import { authenticate } from './credentials.ts'
import type { Engine } from './engine.ts'
import { presentError } from './errors.ts'
import type { SendNext } from './frames.ts'
import { type Handshake, headersOf } from './handshake.ts'
import { delivered, type Results } from './results.ts'
import { brief, TRY_AGAIN_LATER, UNAUTHORIZED } from './socket.ts'

/** Subscriptions that a socket may have at once: each may have a log of its own to follow. */
const MAX_SUBSCRIPTIONS = 100

export interface Connection {
  socket: WebSocket
  handshake: Handshake
  /** Who connected; nobody until `connection_init`. */
  viewer?: Viewer
  /** What the client last asked under each id. */
  operations: Map<string, SubscribePayload>
  subscriptions: Set<SubscribePayload>
  /** How results of the operation with this id are sent. */
  senderOf: (id: string) => SendNext
}

interface ProtocolOptions {
  log: Logger
  /** How long a client may take to introduce itself; the library's 3 seconds where it is left out. */
  initMs?: number | undefined
}

type Params = Record<string, unknown>
type Socket = SocketContext<Params, Connection>

/** The graphql-transport-ws protocol, with the engine behind it. */
export function socketOperations(engine: Engine, services: Services, { log, initMs }: ProtocolOptions) {
  async function prepare(
    { extra, connectionParams }: Socket,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { handshake, subscriptions } = extra
    const header = headersOf(handshake, connectionParams, payload.extensions)
    try {
      const document = engine.parse(services.allowedDocuments?.textOf(payload) ?? payload.query)
      const faults = engine.validate(document)
      if (faults.length > 0) return faults
      const operation = getOperationAST(document, payload.operationName)
      if (!operation) return [unknownOperation()]
      if (operation.operation === 'subscription') {
        if (subscriptions.size >= MAX_SUBSCRIPTIONS) return [tooManySubscriptions()]
        subscriptions.add(payload)
      }
      const args: ExecutionArgs = {
        schema: engine.schema,
        document,
        operationName: payload.operationName,
        variableValues: payload.variables,
        contextValue: await createContext(services, { header, address: handshake.address }),
      }
      const refusal = engine.refusalOf(args)
      return refusal ? [refusal] : args
    } catch (error) {
      return [presentError(error, log, requestIdOf(header))]
    }
  }

  function delivery(socket: Socket, id: string, payload: SubscribePayload) {
    const send = socket.extra.senderOf(id)
    return (result: ExecutionResult) =>
      isWanted(socket, id, payload) ? send(engine.textOf(result)) : never()
  }

  return makeServer<Params, Connection>({
    ...(initMs !== undefined && { connectionInitWaitTimeout: initMs }),
    async onConnect({ extra, connectionParams }) {
      try {
        extra.viewer = await authenticate(services, headersOf(extra.handshake, connectionParams))
        return true
      } catch (error) {
        const { message } = presentError(error, log, '')
        extra.socket.close(error instanceof Refusal ? UNAUTHORIZED : TRY_AGAIN_LATER, brief(message))
        return false
      }
    },
    async onSubscribe(socket, id, payload) {
      socket.extra.operations.set(id, payload)
      const prepared = await prepare(socket, payload)
      if (Array.isArray(prepared)) forget(socket, id, payload)
      return prepared as ExecutionArgs
    },
    execute: engine.execute as never,
    subscribe: engine.subscribe as never,
    onOperation(socket, id, payload, _, result) {
      const { subscriptions } = socket.extra
      const stream = isAsyncIterable(result)
        ? delivered(result as Results, delivery(socket, id, payload), () => subscriptions.delete(payload))
        : undefined
      if (!stream) subscriptions.delete(payload)
      if (!isSuperseded(socket, id, payload)) return stream
      void stream?.return()
      return never()
    },
    onNext: (socket, id, payload) => (isWanted(socket, id, payload) ? undefined : never()),
    onError: (socket, id, payload) => (isWanted(socket, id, payload) ? undefined : never()),
    onComplete(socket, id, payload) {
      if (isSuperseded(socket, id, payload)) return never()
      forget(socket, id, payload)
    },
  })
}

const isWanted = (socket: Socket, id: string, payload: SubscribePayload) =>
  id in socket.subscriptions && !isSuperseded(socket, id, payload)

/** Whether the client has completed the operation since, and given its id to another. */
const isSuperseded = ({ extra }: Socket, id: string, payload: SubscribePayload) =>
  (extra.operations.get(id) ?? payload) !== payload

function forget(socket: Socket, id: string, payload: SubscribePayload) {
  const { operations, subscriptions } = socket.extra
  subscriptions.delete(payload)
  if (operations.get(id) === payload) operations.delete(id)
}

/**
 * What an operation waits for that nobody waits for any more. graphql-ws tells operations apart by their ids
 * alone: went it on, it would answer the one that has its id now, and end that.
 */
const never = () => new Promise<never>(() => {})

const unknownOperation = () =>
  new GraphQLError('Name, by `operationName`, one operation that is in the document.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
  })

const tooManySubscriptions = () =>
  new GraphQLError(`A socket may have ${MAX_SUBSCRIPTIONS} subscriptions at once. Open another.`, {
    extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' },
  })

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { databaseId, pendingMigrations } from '#db/migrate.ts'
import { Clock } from '#domain/clock.ts'
import type { Limits } from '#domain/limits.ts'
import { createStore } from '#domain/store.ts'
import { systemTime, type Time } from '#domain/time.ts'
import type { Context } from '#schema/context.ts'
import { schema } from '#schema/schema.ts'
import { bucketOf, clientAddress } from './address.ts'
import type { AllowedDocuments } from './allowedDocuments.ts'
import { useBoard } from './board.ts'
import { createContext, requestIdFor, type Services } from './context.ts'
import { useCors } from './cors.ts'
import { Engine } from './engine.ts'
import { presentError } from './errors.ts'
import { useGraphiql } from './graphiql.ts'
import { useGuestPages } from './guestPages.ts'
import type { IdentityProvider } from './identityProvider.ts'
import { type MailWriter, useMailbox } from './mailbox.ts'
import { usePages } from './pages.ts'
import { signedBodyOf } from './parameters.ts'
import { ShortWay } from './posts.ts'
import { useHttpStatus, useResponseHeaders, useStrictRequests } from './requests.ts'
import { EventStreams } from './sse.ts'

export interface AppOptions {
  /** Migrated. The caller closes it. */
  database: Database
  log: Logger
  /** The base of links and the place where clients reach this server, without a slash at its end. */
  publicUrl: string
  /** Whether anybody may ask what the schema is. */
  openSchema: boolean
  /** Serves GraphiQL; with a key, filled in: for development only. */
  graphiql?: { key?: string | undefined } | undefined
  /** Shows what waits in the outbox at `/dev/mail`, links and all: for development only. */
  mailbox?: MailWriter | undefined
  /** Origins whose pages may read answers; none by default. */
  corsOrigins?: readonly string[]
  /** The only documents that may run; all where it is left out. */
  allowedDocuments?: AllowedDocuments | undefined
  /** Whether queries may come by GET. */
  allowGet?: boolean | undefined
  /** Who vouches for people; without one, only keys come in. */
  identityProvider?: IdentityProvider | undefined
  /** How many proxies stand in front, each adding to X-Forwarded-For; without any, the header counts nothing. */
  trustedProxies?: number
  time?: Time
  limits?: Partial<Limits>
}

export type App = ReturnType<typeof createApp>

/** Everything but the port: the domain's store and clock, and the API over `fetch`. */
export function createApp(options: AppOptions) {
  const { database, log, publicUrl, openSchema, time = systemTime, limits = {}, trustedProxies = 0 } = options
  const store = createStore({ database, time, limits })
  const clock = new Clock(store, time, (error) =>
    log.error({ err: error }, 'the clock failed and tries again'),
  )
  const services: Services = {
    allowedDocuments: options.allowedDocuments,
    store,
    publicUrl,
    trustedProxies,
    identityProvider: options.identityProvider,
  }
  const engine = new Engine({ schema, log, openSchema })
  const streams = new EventStreams(engine)
  const shortWay = new ShortWay(engine, services, options.corsOrigins ?? [])
  let draining = false
  let id: string | undefined

  const addressOf = (request: Request, req: IncomingMessage | undefined) => {
    const forwardedFor = request.headers.get('x-forwarded-for') ?? undefined
    return bucketOf(clientAddress(req?.socket.remoteAddress, forwardedFor, services.trustedProxies))
  }

  const contextOf = ({ request, req }: { request: Request; req?: IncomingMessage }): Promise<Context> => {
    const requestId = requestIdFor(request)
    const header = (name: string) => request.headers.get(name)
    const address = addressOf(request, req)
    return createContext(services, { header, address, requestId, body: signedBodyOf(request) }).catch(
      (error) => {
        throw presentError(error, log, requestId)
      },
    )
  }

  const yoga = createYoga<{ req?: IncomingMessage }, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    context: contextOf,
    plugins: [
      useEngine(engine),
      shortWay.plugin(),
      usePages({
        services,
        openSchema,
        databaseId: async () => {
          id ??= await databaseId(database)
          return id
        },
        ready: async () => !draining && (await pendingMigrations(database)).length === 0,
      }),
      useGuestPages({ services, log, publicUrl, streams, addressOf }),
      useBoard(),
      ...(options.graphiql ? [useGraphiql({ key: options.graphiql.key })] : []),
      ...(options.mailbox ? [useMailbox(store, options.mailbox)] : []),
      ...(options.corsOrigins?.length ? [useCors(options.corsOrigins)] : []),
      useStrictRequests({ get: options.allowGet, allowed: options.allowedDocuments }),
      useHttpStatus(),
      useResponseHeaders(publicUrl),
      streams.plugin(),
    ],
    maskedErrors: { maskError: (error) => presentError(error, log, 'unknown') },
    cors: false,
    // The strict requests limit it, without a copy.
    maxRequestBodySize: false,
    parserAndValidationCache: false,
    logging: false,
    graphiql: false,
    // Its own answers at every address that ends in this; ours is one of the pages.
    healthCheckEndpoint: ' ',
    landingPage: false,
    multipart: false,
    batching: false,
  })

  const listener = shortWay.listener(yoga)

  return {
    store,
    clock,
    services,
    /** Whose pages may connect beside the server's own. */
    origins: [new URL(publicUrl).origin, ...(options.corsOrigins ?? [])],
    engine,
    streams,
    /** Node's request listener. */
    handler(request: IncomingMessage, response: ServerResponse) {
      // Of a host that makes no address the adapter answers with its stack.
      if (URL.canParse(`http://${request.headers.host || 'localhost'}`)) return listener(request, response)
      response.writeHead(400).end()
    },
    fetch: (request: Request) => Promise.resolve(yoga.fetch(request)),
    /** From now on `/ready` says no, so that no new work is sent here. */
    drain() {
      draining = true
    },
  }
}

const useEngine = (engine: Engine): Plugin => ({
  onParse: ({ setParseFn }) => setParseFn(engine.parse),
  onValidate: ({ setValidationFn }) => setValidationFn((_, document) => engine.validate(document)),
  onExecute: ({ setExecuteFn }) => setExecuteFn(engine.execute),
  onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(engine.subscribe),
})

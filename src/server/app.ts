import { createYoga, type Plugin } from 'graphql-yoga'
import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { pendingMigrations } from '#db/migrate.ts'
import { Clock } from '#domain/clock.ts'
import { createStore, type Limits } from '#domain/store.ts'
import { systemTime, type Time } from '#domain/time.ts'
import type { Context } from '#schema/context.ts'
import { schema } from '#schema/schema.ts'
import { createContext, type HeaderReader, type Services } from './context.ts'
import { Engine } from './engine.ts'
import { presentError } from './errors.ts'
import { useGraphiql } from './graphiql.ts'
import { usePages } from './pages.ts'
import { MAX_BODY_BYTES, useHttpStatus, useResponseHeaders, useStrictRequests } from './requests.ts'
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
  /** Origins whose pages may read answers; none by default. */
  corsOrigins?: readonly string[]
  time?: Time
  limits?: Partial<Limits>
}

export type App = ReturnType<typeof createApp>

/** Everything but the port: the domain's store and clock, and the API over `fetch`. */
export function createApp(options: AppOptions) {
  const { database, log, publicUrl, openSchema, time = systemTime, limits = {} } = options
  const store = createStore({ database, time, limits })
  const clock = new Clock(store, time, (error) =>
    log.error({ err: error }, 'the clock failed and tries again'),
  )
  const services: Services = { store, publicUrl }
  const engine = new Engine({ schema, log, openSchema })
  const streams = new EventStreams(engine)
  let draining = false

  const yoga = createYoga<object, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    context: ({ request }) => createContext(services, headersOf(request)),
    plugins: [
      useEngine(engine),
      usePages({
        services,
        openSchema,
        ready: async () => !draining && (await pendingMigrations(database)).length === 0,
      }),
      ...(options.graphiql ? [useGraphiql({ key: options.graphiql.key })] : []),
      useStrictRequests(),
      useHttpStatus(),
      useResponseHeaders(),
      streams.plugin(),
    ],
    maskedErrors: { maskError: (error) => presentError(error, log, 'unknown') },
    cors: options.corsOrigins?.length ? { origin: [...options.corsOrigins] } : false,
    maxRequestBodySize: MAX_BODY_BYTES,
    parserAndValidationCache: false,
    logging: false,
    graphiql: false,
    landingPage: false,
    multipart: false,
    batching: false,
  })

  return {
    store,
    clock,
    services,
    engine,
    streams,
    /** Node's request listener. */
    handler: yoga,
    fetch: (request: Request) => Promise.resolve(yoga.fetch(request)),
    /** From now on `/ready` says no, so that no new work is sent here. */
    drain() {
      draining = true
    },
  }
}

const headersOf =
  (request: Request): HeaderReader =>
  (name) =>
    request.headers.get(name)

const useEngine = (engine: Engine): Plugin => ({
  onParse: ({ setParseFn }) => setParseFn(engine.parse),
  onValidate: ({ setValidationFn }) => setValidationFn((_, document) => engine.validate(document)),
  onExecute: ({ setExecuteFn }) => setExecuteFn(engine.execute),
  onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(engine.subscribe),
})

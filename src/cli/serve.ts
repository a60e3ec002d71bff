import { type Logger, pino } from 'pino'
import type { Database } from '#db/client.ts'
import { revokeDemoKeys } from '#domain/apiKeyRevocation.ts'
import { createStore } from '#domain/store.ts'
import { systemTime } from '#domain/time.ts'
import { AllowedDocuments } from '#server/allowedDocuments.ts'
import { createApp } from '#server/app.ts'
import { listen } from '#server/listen.ts'
import type { Env } from '../env.ts'
import { CommandError, openMigrated, optionsOf, print } from './command.ts'
import { type Demo, loadDemo } from './demoData.ts'
import { freePort, urlHost } from './freePort.ts'
import { composerOf, courierOf } from './mail.ts'
import { welcome } from './welcome.ts'

/** `npm start`: serves until SIGTERM or SIGINT. */
export async function serve(env: Env, args: string[]): Promise<number> {
  optionsOf(args, [])
  const log = pino({ level: env.logLevel })
  const port = await freePort(env.host, env.port)
  const database = await openMigrated(env.databaseUrl)
  try {
    const { server, courier, publicUrl, demo } = await start(env, port, database, log)
    if (env.production) {
      log.info({ port: server.port, host: env.host, publicUrl }, 'Latchkey is listening')
      if (!courier) log.warn('Without SMTP_URL no e-mail is sent: mails wait, their links are in the answers')
    } else print(welcome({ publicUrl, graphiql: env.graphiql, mailbox: !env.smtp, demo }))
    const signal = await stopSignal()
    log.info({ signal }, 'Latchkey is closing')
    await server.close()
    await courier?.stop()
  } finally {
    await database.close()
  }
  return 0
}

async function start(env: Env, port: number, database: Database, log: Logger) {
  const publicUrl = env.publicUrl ?? `http://${urlHost(env.host)}:${port}`
  const composer = composerOf(env, publicUrl)
  const demo = await demoFor(env, database)
  const app = createApp({
    database,
    log,
    publicUrl,
    openSchema: !env.production,
    graphiql: env.graphiql ? { key: demo?.apiKey } : undefined,
    mailbox: env.production || env.smtp ? undefined : composer,
    corsOrigins: env.corsOrigins,
    allowGet: env.allowGet,
    allowedDocuments: allowedDocuments(env),
    limits: env.limits,
    trustedProxies: env.trustedProxies,
    identityProvider: await identityProvider(env),
  })
  const server = await listen(app, { host: env.host, port, log })
  const courier = await courierOf(env, { store: app.store, composer, log })
  courier?.start()
  return { server, courier, publicUrl, demo }
}

async function identityProvider({ identityProvider: options }: Env) {
  if (!options) return undefined
  const { createIdentityProvider } = await import('#server/identityProvider.ts')
  return createIdentityProvider({ ...options, now: systemTime.now })
}

function allowedDocuments({ allowedDocuments: file }: Env) {
  try {
    return file === undefined ? undefined : AllowedDocuments.read(file)
  } catch {
    throw new CommandError('ALLOWED_DOCUMENTS must name a JSON file of ids and documents.')
  }
}

/** Demo data and a key to it, in development; in production every such key ends. */
async function demoFor(env: Env, database: Database): Promise<Demo | undefined> {
  const store = createStore({ database, time: systemTime })
  if (!env.production) return loadDemo(store)
  await revokeDemoKeys(store)
  return undefined
}

const stopSignal = () =>
  new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGTERM', resolve).once('SIGINT', resolve)
  })

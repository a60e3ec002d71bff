import { type Logger, pino } from 'pino'
import { type Database, openDatabase } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import { revokeDemoKeys } from '#domain/apiKey.ts'
import { createStore } from '#domain/store.ts'
import { systemTime } from '#domain/time.ts'
import { createApp } from '#server/app.ts'
import { listen } from '#server/listen.ts'
import type { Env } from '../env.ts'
import { CommandError, optionsOf, print } from './command.ts'
import { type Demo, loadDemo } from './demoData.ts'
import { welcome } from './welcome.ts'

/** `npm start`: serves until SIGTERM or SIGINT. */
export async function serve(env: Env, args: string[]): Promise<number> {
  optionsOf(args, [])
  const log = pino({ level: env.logLevel })
  const database = openDatabase(env.databaseUrl)
  try {
    await migrate(database)
    const { server, publicUrl, demo } = await start(env, database, log)
    if (env.production) log.info({ port: server.port, host: env.host, publicUrl }, 'Latchkey is listening')
    else print(welcome({ publicUrl, graphiql: env.graphiql, demo }))
    const signal = await stopSignal()
    log.info({ signal }, 'Latchkey is closing')
    await server.close()
  } finally {
    await database.close()
  }
  return 0
}

async function start(env: Env, database: Database, log: Logger) {
  const publicUrl = env.publicUrl ?? `http://${urlHost(env.host)}:${env.port}`
  const demo = await demoFor(env, database)
  const app = createApp({
    database,
    log,
    publicUrl,
    openSchema: !env.production,
    graphiql: env.graphiql ? { key: demo?.apiKey } : undefined,
    corsOrigins: env.corsOrigins,
  })
  const server = await listen(app, { host: env.host, port: env.port, log }).catch((error: unknown) => {
    throw taken(error, env) ?? error
  })
  return { server, publicUrl, demo }
}

/** Demo data and a key to it, in development; in production every such key ends. */
async function demoFor(env: Env, database: Database): Promise<Demo | undefined> {
  const store = createStore({ database, time: systemTime })
  if (!env.production) return loadDemo(store)
  await revokeDemoKeys(store)
  return undefined
}

const urlHost = (host: string) => {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

function taken(error: unknown, env: Env): CommandError | undefined {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return undefined
  return new CommandError(
    `Port ${env.port} on ${env.host} is taken. Stop what runs there, or type: PORT=${env.port + 1} npm start`,
  )
}

const stopSignal = () =>
  new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGTERM', resolve).once('SIGINT', resolve)
  })

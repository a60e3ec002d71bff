import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { type Database, openDatabase } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import type { Role } from '#domain/access.ts'
import { insertApiKey } from '#domain/apiKey.ts'
import { insertOrganization } from '#domain/organization.ts'
import type { Time } from '#domain/time.ts'
import { type AppOptions, createApp } from '#server/app.ts'
import { poster } from './listener.ts'
import { SecretsWatch } from './secrets.ts'
import { ManualTime } from './time.ts'

export interface CallOptions {
  key?: string | undefined
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what came, whatever it is
  data: any
  errors: { message: string; path?: string[]; extensions: Record<string, unknown> }[]
}

export type TestApp = Awaited<ReturnType<typeof testApp>>

export interface TestAppOptions<Clockwork extends Time = Time> extends Partial<AppOptions> {
  /** A database to share; a new one of its own otherwise. */
  database?: Database
  time?: Clockwork
}

/** A database file of its own, gone when the test has finished. */
export async function testDatabase(onStatement?: (sql: string) => void): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-'))
  const database = openDatabase(`file:${join(folder, 'test.db')}`, (event) => onStatement?.(event.query.sql))
  await migrate(database)
  onTestFinished(async () => {
    await database.close()
    await rm(folder, { recursive: true })
  })
  return database
}

/** The whole app on a port that opens when it is posted to, at a time that stands still, with what it logged and the SQL it ran. */
export async function testApp<Clockwork extends Time = ManualTime>({
  time = new ManualTime() as Time as Clockwork,
  database,
  ...options
}: TestAppOptions<Clockwork> = {}) {
  const statements: string[] = []
  const logged: string[] = []
  const app = createApp({
    database: database ?? (await testDatabase((sql) => void statements.push(sql))),
    log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
    publicUrl: 'https://latchkey.test',
    openSchema: true,
    time,
    ...options,
  })
  await app.clock.start()
  const secrets = new SecretsWatch()
  onTestFinished(async () => {
    await app.clock.stop()
    await secrets.expectKept(app.store, logged)
  })

  /** One operation, as a client sends it. */
  async function call(
    query: string,
    variables: object = {},
    { key, headers = {} }: CallOptions = {},
  ): Promise<Answer> {
    const response = await post(JSON.stringify({ query, variables }), {
      ...headers,
      ...(key && { authorization: `Bearer ${key}` }),
    })
    const answer = (await response.json()) as Partial<Answer>
    secrets.see(answer)
    const { data = null, errors = [] } = answer
    return { status: response.status, data, errors }
  }

  const send = poster(app.handler)
  const post = (body: string, headers: Record<string, string> = {}) =>
    send('/graphql', body, { host: 'latchkey.test', 'content-type': 'application/json', ...headers })

  return { ...app, time, statements, logged, call, post }
}

/** A new organization with a key of the given role. */
export async function organization(app: Pick<TestApp, 'store'>, name = 'Acme', role: Role = 'ORG_ADMIN') {
  return app.store.write(async (tx) => {
    const made = await insertOrganization(tx, name, null)
    if (!made) throw new Error(`No organization ${name}`)
    const { apiKey, secret } = await insertApiKey(tx, { organizationId: made.id, role })
    return { id: made.id, key: secret, keyId: apiKey.id }
  })
}

/** One more key of an organization. */
export async function keyOf(app: Pick<TestApp, 'store'>, organizationId: string, role: Role) {
  const { apiKey, secret } = await app.store.write((tx) => insertApiKey(tx, { organizationId, role }))
  return { id: apiKey.id, key: secret }
}

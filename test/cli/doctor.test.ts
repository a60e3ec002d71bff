import { once } from 'node:events'
import { open, readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import { createStore } from '#domain/store.ts'
import { systemTime } from '#domain/time.ts'
import { databaseChecks } from '../../src/cli/doctorDatabase.ts'
import { mailCheck } from '../../src/cli/doctorMail.ts'
import { serverChecks } from '../../src/cli/doctorServer.ts'
import type { Check } from '../../src/cli/finding.ts'
import { readEnv } from '../../src/env.ts'
import { organization } from '../kit/app.ts'
import { startIdentityProvider } from '../kit/identityProvider.ts'
import { finished, latchkey, temporaryFolder, unusedPort } from './processes.ts'

const marks = (stdout: string) =>
  Object.fromEntries(
    [...stdout.matchAll(/^([✓–✗]) (\S+(?: \S+)?) {1,}/gm)].map(([, mark, name]) => [name, mark]),
  )

/** What one of the checks says. */
async function look(checks: Check[], name: string): Promise<string> {
  const finding = await checks.find((check) => check.name === name)?.look()
  return `${finding?.mark} ${finding?.told}`
}

/** A database with something in it, and its checks. */
async function patient() {
  const file = join(await temporaryFolder(), 'test.db')
  const env = readEnv({ NODE_ENV: 'test', DATABASE_URL: `file:${file}` })
  const database = openDatabase(env.databaseUrl)
  onTestFinished(() => database.close())
  const says = (name: string) => look(databaseChecks(env), name)
  return { file, env, database, says }
}

test('before the first start: what to type, and nothing is made', async () => {
  const folder = await temporaryFolder()
  const port = await unusedPort()

  const { code, stdout, stderr } = await finished(latchkey(folder, ['doctor'], { PORT: String(port) }))

  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  expect(marks(stdout)).toMatchObject({ Node: '✓', Environment: '✓', Database: '–', Disk: '✓', Server: '✗' })
  expect(stdout).toContain(
    `nothing answers at http://127.0.0.1:${port}. Type: npm start\n1 of 7 checks failed.\n`,
  )
  expect(await readdir(folder)).toEqual([])
})

test('beside its server all is well; beside that of another database it is not', async () => {
  const folder = await temporaryFolder()
  const server = latchkey(folder, [], { PORT: '0' })
  const [url = ''] = await server.printed(/http:[^\s/]*\/\/[^\s/]+(?=\/ready)/)

  const ours = await finished(latchkey(folder, ['doctor'], { PORT: new URL(url).port }))
  expect(ours.stdout).toMatch(/✓ Server +answers at .*\nAll is well\.\n$/)
  expect(ours.code).toBe(0)

  const { env } = await patient()
  await expect(look(serverChecks({ ...env, publicUrl: url }), 'Server')).rejects.toThrow(
    `a Latchkey answers at ${url}, but its database is another`,
  )
})

test('every fault of the environment, and that the rest waits for it', async () => {
  const bad = { PORT: 'x-xyz', LOG_LEVEL: 'loud', PUBLIC_URL: 'nowhere' }

  const { code, stdout } = await finished(latchkey(await temporaryFolder(), ['doctor'], bad))

  expect(code).toBe(1)
  expect(stdout).toMatch(/✗ Environment .*\n +PORT must .*\n +PUBLIC_URL must .*\n +LOG_LEVEL must .*\n/)
  expect(stdout).not.toContain('xyz')
})

test('migrations: pending, applied, and those of a newer version', async () => {
  const { database, says } = await patient()
  await expect(says('Migrations')).rejects.toThrow(/^pending: 0001_core, .*\. Type: npm run migrate$/)
  await migrate(database)
  expect(await says('Migrations')).toBe('✓ all applied')
  await database.writer
    .insertInto('kysely_migration' as never)
    .values({ name: '9999_later', timestamp: new Date().toISOString() } as never)
    .execute()
  await expect(says('Migrations')).rejects.toThrow('9999_later: a newer Latchkey was here')
})

test('a database that is damaged, and a file that is none', async () => {
  const { file, database, env, says } = await patient()
  await migrate(database)
  await database.close()
  expect(await says('Database')).toMatch(/^✓ file:.* is whole and takes changes$/)
  await overwrite(file, 8 * 4096)
  await expect(says('Database')).rejects.toThrow(/is damaged\. Stop the server and restore a backup\./)
  await overwrite(file, 0)
  await expect(look(databaseChecks(env), 'Database')).rejects.toThrow(
    /cannot be opened: file is not a database/,
  )
})

async function overwrite(file: string, position: number) {
  const handle = await open(file, 'r+')
  await handle.write(Buffer.alloc(4096, 0xaa), 0, 4096, position)
  await handle.close()
}

test('a clock that is behind what has been done', async () => {
  const { database, says } = await patient()
  await migrate(database)
  expect(await says('Clock')).toMatch(/^– /)
  const { id } = await organization({ store: createStore({ database, time: systemTime }) })
  const activity = { organization_id: id, type: 'X', status: 'COMPLETED', intent: '{}', fingerprint: '' }
  const add = (created_at: number) =>
    database.writer
      .insertInto('activities')
      .values({ id: `activity_${created_at}`, created_at, ...activity })
      .execute()
  await add(Date.now())
  expect(await says('Clock')).toMatch(/^✓ /)
  await add(Date.now() + 60_000)
  await expect(says('Clock')).rejects.toThrow(/the last change is of .*timedatectl set-ntp true/s)
})

/** A web server that is not ours. */
async function stranger(headers: Record<string, string> = {}) {
  const server = createServer((_, response) => response.writeHead(200, headers).end('ok')).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

test.each([
  { name: 'another server', url: () => stranger(), told: 'but it is no Latchkey. Set PUBLIC_URL to' },
  { name: 'a name without an address', url: async () => 'https://x.invalid', told: 'nobody knows x.invalid' },
])('PUBLIC_URL leads to $name', async ({ url, told }) => {
  const { env } = await patient()
  await expect(look(serverChecks({ ...env, publicUrl: await url() }), 'Server')).rejects.toThrow(told)
})

test('the keys of the identity provider', async () => {
  const provider = await startIdentityProvider()
  const env = readEnv({ NODE_ENV: 'test', JWT_ISSUER: provider.issuer, JWT_AUDIENCE: 'latchkey' })
  const says = () => look(serverChecks(env), 'Identity provider')
  expect(await says()).toBe(`✓ 1 key at ${provider.issuer}/.well-known/jwks.json`)
  await provider.stop()
  await expect(says()).rejects.toThrow(/^no keys at .* \(ECONNREFUSED\)\. .*Type: curl /)
})

test('the documents that may run', async () => {
  const { file } = await patient()
  const env = readEnv({ NODE_ENV: 'test', ALLOWED_DOCUMENTS: file })
  await expect(look(serverChecks(env), 'Documents')).rejects.toThrow(
    'is not a JSON file of ids and documents',
  )
})

test('the mail server lets us in, refuses us, or is not there; no password is told', async () => {
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth({ username, password }, _, done) {
      if (username === 'ada' && password === 'hunter2') done(null, { user: username })
      else done(new Error(`${password} is not good`))
    },
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as { port: number }
  const { env } = await patient()
  const says = (credentials: string) => {
    const url = new URL(`smtp://${credentials}@127.0.0.1:${port}`)
    return look([mailCheck({ ...env, smtp: { url, isLocal: true, requireTls: false } })], 'Mail')
  }

  expect(await says('ada:hunter2')).toBe(`✓ 127.0.0.1:${port} lets us in as ada`)
  const refused = await says('ada:hunter3').catch((error: Error) => error.message)
  expect(refused).toMatch(/refuses the user or the password \(EAUTH \d+\)/)
  expect(refused).not.toContain('hunter')
  await new Promise<void>((resolve) => void server.close(() => resolve()))
  await expect(says('ada:hunter2')).rejects.toThrow(/cannot be reached \(ECONNREFUSED|ESOCKET\)/)
  expect(await look([mailCheck(env)], 'Mail')).toMatch(/^– no SMTP_URL/)
})

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openMigrated, optionsOf } from '../../src/cli/command.ts'
import { readEnv } from '../../src/env.ts'
import { emptyCheckout, finished, latchkey, repository, run, temporaryFolder } from './processes.ts'

test('a bad environment: all faults at once, one a line, and no value repeated', async () => {
  const bad = {
    NODE_ENV: 'staging-xyz',
    PORT: '70000',
    DATABASE_URL: 'postgres://user:hunter2@db/x',
    PUBLIC_URL: 'https://user:hunter2@example.com',
    LOG_LEVEL: 'loud-xyz',
    CORS_ORIGINS: 'https://ok.example.com, nonsense-xyz, other-xyz',
    GRAPHIQL: 'yes-xyz',
  }

  const { code, stdout, stderr } = await finished(latchkey(await temporaryFolder(), [], bad))

  expect(code).toBe(78)
  expect(stdout).toBe('')
  const [, ...faults] = stderr.trimEnd().split('\n')
  expect(faults.map((fault) => fault.trim().split(' ')[0])).toEqual(Object.keys(bad))
  expect(stderr).not.toMatch(/xyz|hunter2|70000/)
})

test.each(['', ' ', '1e3', '-1', '4000.5', '65536', '0x50'])(
  'PORT=%j is no port, unless it is empty',
  (port) => {
    if (port === '') expect(readEnv({ PORT: port }).port).toBe(4000)
    else expect(() => readEnv({ PORT: port })).toThrow(/PORT/)
  },
)

test('CORS_ORIGINS is a list of origins; what is not set has a safe default', () => {
  expect(readEnv({ CORS_ORIGINS: 'https://a.example.com/, http://localhost:3000,' }).corsOrigins).toEqual([
    'https://a.example.com',
    'http://localhost:3000',
  ])
  expect(readEnv({ NODE_ENV: 'production' })).toMatchObject({
    host: '127.0.0.1',
    graphiql: false,
    corsOrigins: [],
    logLevel: 'info',
  })
})

test.each(['22.19.0', '23.11.1'])('Node %s is refused in one line', async (version) => {
  const pretend = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`
  const main = join(repository, 'src/main.ts')

  const { code, stderr } = await finished(
    run(process.execPath, ['--import', pretend, main], await temporaryFolder()),
  )

  expect(code).toBe(78)
  expect(stderr).toMatch(new RegExp(`^Latchkey needs Node 24 or newer; this is ${version}\\..*\n$`))
})

const systemNode = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (path) =>
    existsSync(path) && Number(/\d+/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))) < 22,
)

test.skipIf(!systemNode)('a Node that cannot read TypeScript is refused in one line too', async () => {
  const start = join(repository, 'src/start.js')

  const { code, stderr } = await finished(run(systemNode ?? '', [start], await temporaryFolder()))

  expect(code).toBe(78)
  expect(stderr).toMatch(
    /^Latchkey needs Node 24 or newer; this is \d+\.\d+\.\d+\. Type: npm ci && npm start\n$/,
  )
})

test.each(['serf', 'toString', '--help'])('there is no command %s', async (command) => {
  const { code, stderr } = await finished(latchkey(await temporaryFolder(), [command]))

  expect(code).toBe(64)
  expect(stderr).toBe(
    `There is no command ${command}. There are: serve, demo, key, migrate, schema, seed, doctor.\n`,
  )
})

test('a database that cannot be opened is told in one line', async () => {
  const folder = await temporaryFolder()

  const { code, stderr } = await finished(latchkey(folder, ['migrate'], { DATABASE_URL: `file:${folder}` }))

  expect(code).toBe(1)
  expect(stderr).toMatch(/^The database file:.* cannot be opened: .*\n$/)
})

test('without its packages it says what to type', async () => {
  const folder = await emptyCheckout()
  await rm(join(folder, 'node_modules'), { recursive: true })

  const { code, stderr } = await finished(run(process.execPath, ['src/start.js'], folder))

  expect({ code, stderr }).toEqual({
    code: 78,
    stderr: 'Latchkey needs its packages. Type: npm ci && npm start\n',
  })
})

test('a database that a newer version has changed is left alone', async () => {
  const url = `file:${join(await temporaryFolder(), 'test.db')}`
  const database = await openMigrated(url)
  const later = { name: '9999_later', timestamp: new Date().toISOString() }
  await database.writer
    .insertInto('kysely_migration' as never)
    .values(later as never)
    .execute()
  await database.close()

  await expect(openMigrated(url)).rejects.toThrow(
    /^A newer Latchkey has changed this database: 9999_later\. /,
  )
})

test('settings are no options, and it says how they are set', () => {
  expect(() => optionsOf(['--port', '5000'], [])).toThrow(/'--port'.*\n.*: PORT=5000 npm start$/)
})

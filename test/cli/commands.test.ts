import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { printedSchema } from '#schema/schema.ts'
import { CommandError } from '../../src/cli/command.ts'
import { tellDoorStory } from '../../src/cli/demoStory.ts'
import { key } from '../../src/cli/key.ts'
import { seedDatabase } from '../../src/cli/seed.ts'
import { readEnv } from '../../src/env.ts'
import { startServer } from '../kit/server.ts'
import { finished, latchkey, temporaryFolder } from './processes.ts'

const command = async (folder: string, ...args: string[]) => finished(latchkey(folder, args))

const environment = async (NODE_ENV = 'test') =>
  readEnv({ NODE_ENV, DATABASE_URL: `file:${join(await temporaryFolder(), 'test.db')}` })

/** A refusal is told to the user as it is, in one line, by `main`. */
async function refuses(running: Promise<number>, told: string) {
  const error = await running.catch((thrown) => thrown)
  expect(error).toBeInstanceOf(CommandError)
  expect(error.message).toContain(told)
}

/** What is in the folder's database, asked by a connection of its own. */
async function rows<Row>(
  folder: string,
  ask: (db: ReturnType<typeof openDatabase>['reader']) => Promise<Row>,
) {
  const database = openDatabase(`file:${join(folder, 'data/latchkey.db')}`)
  try {
    return await ask(database.reader)
  } finally {
    await database.close()
  }
}

test('key makes the organization once, then more keys to it, and revokes them', async () => {
  const folder = await temporaryFolder()
  const first = await command(folder, 'key', '--organization', 'Acme')
  const second = await command(
    folder,
    'key',
    '--organization',
    ' aCME ',
    '--role',
    'ORG_VIEWER',
    '--name',
    'Desk',
  )
  expect([first, second]).toEqual([
    { code: 0, stdout: expect.stringMatching(/^\{.*\}\n$/), stderr: '' },
    { code: 0, stdout: expect.stringMatching(/^\{.*\}\n$/), stderr: '' },
  ])
  const made = [first, second].map(({ stdout }) => JSON.parse(stdout))
  expect(made[0]).toEqual({
    organizationId: expect.stringMatching(/^org_/),
    apiKey: expect.stringMatching(/^lk_key_[\w-]{43}$/),
  })
  expect(made[1].organizationId).toBe(made[0].organizationId)
  const keys = () =>
    rows(folder, (db) => db.selectFrom('api_keys').select(['role', 'name', 'prefix', 'revoked_at']).execute())
  expect(await keys()).toMatchObject([
    { role: 'ORG_ADMIN', name: null },
    { role: 'ORG_VIEWER', name: 'Desk' },
  ])

  const prefix = (await keys())[1]?.prefix ?? ''
  expect(await command(folder, 'key', '--revoke', prefix)).toMatchObject({
    code: 0,
    stdout: '{"revoked":1}\n',
  })
  expect((await keys()).map((key) => key.revoked_at !== null)).toEqual([false, true])
  expect(await command(folder, 'key', '--revoke', prefix)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No key that is still good'),
  })
})

test.each([
  { args: ['--organization', 'Acme', '--role', 'KING'], told: '--role must be one of ORG_ADMIN, ' },
  { args: [], told: 'Name the organization' },
  { args: ['--organization', '  '], told: 'Name the organization' },
  { args: ['--organisation', 'Acme'], told: 'Options: --organization' },
  { args: ['Acme'], told: 'npm run … -- --organization' },
])('key $args is refused', async ({ args, told }) => {
  await refuses(key(await environment(), args), told)
})

test('migrate applies what is pending, once', async () => {
  const folder = await temporaryFolder()
  expect((await command(folder, 'migrate')).stdout).toMatch(/^Applied: 0001_core/)
  expect(await command(folder, 'migrate')).toEqual({ code: 0, stdout: 'Up to date.\n', stderr: '' })
})

test('schema writes the schema of the code', async () => {
  const folder = await temporaryFolder()
  expect((await command(folder, 'schema')).code).toBe(0)
  expect(await readFile(join(folder, 'schema.graphql'), 'utf8')).toBe(printedSchema())
})

test('seed fills an empty database and refuses to do it again', async () => {
  const folder = await temporaryFolder()
  const first = await command(folder, 'seed', '--organizations', '2', '--invites', '100')
  const again = await command(folder, 'seed', '--organizations', '2', '--invites', '100')

  expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+ rows in /) })
  expect(first.stderr).toMatch(/^50 %, \d+ rows\n100 %, \d+ rows\n$/)
  const { invites } = await rows(folder, (db) =>
    db
      .selectFrom('invites')
      .select((eb) => eb.fn.countAll<number>().as('invites'))
      .executeTakeFirstOrThrow(),
  )
  expect(invites).toBe(100)
  expect(again).toMatchObject({ code: 1, stdout: '' })
  expect(again.stderr).toMatch(/^This database has seeded rows already\. .*\n$/)
})

test.each([
  { args: ['--invites', '0'], told: '--invites must be a whole number' },
  { args: ['--organizations', '1e3'], told: '--organizations must be a whole number' },
])('seed $args is refused', async ({ args, told }) => {
  await refuses(seedDatabase(await environment(), args), told)
})

test('nothing is seeded in production', async () => {
  await refuses(seedDatabase(await environment('production'), []), 'NODE_ENV=production')
})

test('demo tells the whole story and leaves nothing', async () => {
  const folder = await temporaryFolder()
  const { code, stdout, stderr } = await finished(latchkey(folder, ['demo'], { TMPDIR: folder }))

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/\/invite\/lk_invite_[\w-]{43}\n/)
  const events = [...stdout.matchAll(/event \d+: (\w+)/g)].map(([, type]) => type)
  expect(events).toEqual(['CREATED', 'USED', 'REVOKED'])
  expect(stdout).toMatch(/neither the link nor the door opens\n +REVOKED: .*\n +REVOKED: .*\n$/)
  expect((await readdir(folder)).filter((name) => name.startsWith('latchkey-demo'))).toEqual([])
})

test('a step of the demo that fails is named', async () => {
  const { url } = await startServer()

  const telling = tellDoorStory({ url, key: 'lk_key_of_nobody', print: () => {} })

  await expect(telling).rejects.toThrow(/^Step 1, "Build: .*", failed: This API key is unknown/)
})

import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { type Database, openDatabase } from '#db/client.ts'
import { migrate, pendingMigrations } from '#db/migrate.ts'
import { temporaryFolder } from '../cli/processes.ts'

const makesNotes = {
  up: async (db: Kysely<unknown>) => void (await sql`create table note (text)`.execute(db)),
}
const fails = {
  async up(db: Kysely<unknown>) {
    await sql`create table half (text)`.execute(db)
    await sql`insert into note values ('half')`.execute(db)
    throw new Error('out of luck')
  },
}

async function emptyDatabase(): Promise<Database> {
  const database = openDatabase(`file:${join(await temporaryFolder(), 'empty.db')}`)
  onTestFinished(() => database.close())
  return database
}

const tablesOf = async ({ reader }: Database) =>
  (await sql<{ name: string }>`select name from sqlite_schema where type = 'table'`.execute(reader)).rows.map(
    (row) => row.name,
  )

test('an empty database lacks every migration, a migrated one none', async () => {
  const database = await emptyDatabase()
  const pending = await pendingMigrations(database)
  expect(pending.length).toBeGreaterThan(0)

  expect(await migrate(database)).toEqual(pending)
  expect(await pendingMigrations(database)).toEqual([])
  expect(await migrate(database)).toEqual([])
})

test('a migration that fails leaves nothing behind, not even of those before it', async () => {
  const database = await emptyDatabase()

  await expect(migrate(database, { '1': makesNotes, '2': fails })).rejects.toThrow('out of luck')

  expect(await tablesOf(database)).not.toContain('note')
  expect(await tablesOf(database)).not.toContain('half')
  expect(await migrate(database, { '1': makesNotes })).toEqual(['1'])
  expect(await tablesOf(database)).toContain('note')
})

test('a failing update leaves a migrated database as it was', async () => {
  const database = await emptyDatabase()
  await migrate(database, { '1': makesNotes })

  await expect(migrate(database, { '1': makesNotes, '2': fails })).rejects.toThrow('out of luck')

  expect(await tablesOf(database)).not.toContain('half')
  expect((await sql`select * from note`.execute(database.reader)).rows).toEqual([])
  expect(await migrate(database, { '1': makesNotes })).toEqual([])
})

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { type Database, openDatabase, UnsupportedDatabaseError } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import { temporaryFolder } from '../cli/processes.ts'
import { testDatabase } from '../kit/app.ts'

const settings = {
  journal_mode: 'wal',
  synchronous: 2,
  foreign_keys: 1,
  busy_timeout: 1000,
  trusted_schema: 0,
  cell_size_check: 1,
  journal_size_limit: 67_108_864,
  wal_autocheckpoint: 8000,
  cache_size: -65_536,
  temp_store: 2,
}

test.each(['reader', 'writer'] as const)('the %s has every setting that keeps data safe', async (name) => {
  const { [name]: connection } = await testDatabase()
  const inForce: Record<string, unknown> = {}
  for (const pragma of Object.keys(settings)) {
    const { rows } = await sql`pragma ${sql.raw(pragma)}`.execute(connection)
    inForce[pragma] = Object.values(rows[0] as object)[0]
  }
  expect(inForce).toEqual(settings)
})

test('the reader reads what the writer has committed, and refuses to write', async () => {
  const { reader, writer } = await testDatabase()
  await sql`create table note (text)`.execute(writer)
  await sql`insert into note values ('seen')`.execute(writer)

  expect((await sql`select text from note`.execute(reader)).rows).toEqual([{ text: 'seen' }])
  await expect(sql`insert into note values ('no')`.execute(reader)).rejects.toThrow(/readonly/)
})

test('the reader does not wait for an open transaction, nor see what is not committed', async () => {
  const { reader, writer } = await testDatabase()
  await sql`create table note (text)`.execute(writer)

  await writer.transaction().execute(async (trx) => {
    await sql`insert into note values ('not yet')`.execute(trx)
    expect((await sql`select text from note`.execute(reader)).rows).toEqual([])
  })

  expect((await sql`select text from note`.execute(reader)).rows).toHaveLength(1)
})

/** Two processes' worth of connections to one database. */
async function shared() {
  const url = `file:${join(await temporaryFolder(), 'shared.db')}`
  const [own, other] = [openDatabase(url), openDatabase(url)]
  onTestFinished(() => Promise.all([own.close(), other.close()]).then(() => {}))
  await migrate(own)
  return { own, other }
}

const notesIn = async ({ reader }: Pick<Database, 'reader'>) =>
  (await sql`select text from note`.execute(reader)).rows.length

test('reads together see one state, but all that is written here, and by others once that is known', async () => {
  const { own, other } = await shared()
  await sql`create table note (text)`.execute(own.writer)
  own.readTogether()
  expect(await notesIn(own)).toBe(0)
  await sql`insert into note values ('of another process')`.execute(other.writer)
  expect(await notesIn(own)).toBe(0)
  await sql`insert into note values ('own')`.execute(own.writer)
  expect(await notesIn(own)).toBe(2)

  own.readTogether()
  expect(await notesIn(own)).toBe(2)
  await own.transact((trx) => sql`insert into note values ('own')`.execute(trx))
  expect(await notesIn(own)).toBe(3)

  own.readTogether()
  expect(await notesIn(own)).toBe(3)
  await sql`insert into note values ('of another process')`.execute(other.writer)
  own.foreignVersion()
  expect(await notesIn(own)).toBe(4)
})

test('reads are together for one turn only: then the log can be moved into the database', async () => {
  const { own, other } = await shared()
  await sql`create table note (text)`.execute(own.writer)
  own.readTogether()
  expect(await notesIn(own)).toBe(0)
  await sql`insert into note values ('of another process')`.execute(other.writer)
  await nextTurn()
  expect(await notesIn(own)).toBe(1)
  const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(other.writer)
  expect(rows).toEqual([{ busy: 0, log: 0, checkpointed: 0 }])
})

test('a database that is closed while reads are together ends them', async () => {
  const { own } = await shared()
  own.readTogether()
  const closed = own.close()
  own.readTogether()
  await closed
  await nextTurn()
})

test('the number changes by what others commit, not by what this one does', async () => {
  const { own, other } = await shared()
  const before = own.foreignVersion()

  await sql`create table own (text)`.execute(own.writer)
  expect(own.foreignVersion()).toBe(before)
  await sql`create table other (text)`.execute(other.writer)
  expect(own.foreignVersion()).not.toBe(before)
})

test('a database is a file in a folder that is made', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'new/folder/latchkey.db')
  await openDatabase(`file:${path}`).close()

  expect((await readFile(path)).subarray(0, 15).toString()).toBe('SQLite format 3')
  expect(() => openDatabase('postgres://somewhere')).toThrow(UnsupportedDatabaseError)
})

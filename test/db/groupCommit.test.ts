import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { temporaryFolder } from '../cli/processes.ts'

/** Notes, each in a box that must be there when the transaction ends. */
async function notes() {
  const commits: string[] = []
  const url = `file:${join(await temporaryFolder(), 'notes.db')}`
  const database = openDatabase(url, ({ query }) => void (query.sql === 'commit' && commits.push(query.sql)))
  onTestFinished(() => database.close())
  await sql`create table box (name text primary key)`.execute(database.writer)
  await sql`create table note (
    text text, box text references box (name) deferrable initially deferred
  )`.execute(database.writer)
  const write = (text: string, box: string | null = null) =>
    database.transact(async (trx) => {
      await sql`insert into note values (${text}, ${box})`.execute(trx)
      if (text === 'refused') throw new Error('Refused.')
      return text
    })
  const written = async () =>
    (await sql<{ text: string }>`select text from note order by rowid`.execute(database.reader)).rows.map(
      ({ text }) => text,
    )
  return { database, commits, write, written }
}

test('what comes together is committed together, each in its turn', async () => {
  const { commits, write, written } = await notes()
  const before = commits.length
  expect(await Promise.all(['a', 'b', 'c'].map((text) => write(text)))).toEqual(['a', 'b', 'c'])
  expect(commits.length - before).toBe(1)
  expect(await written()).toEqual(['a', 'b', 'c'])
})

test('work that fails is undone alone', async () => {
  const { write, written } = await notes()
  const outcomes = await Promise.allSettled(['a', 'refused', 'c'].map((text) => write(text)))
  expect(outcomes).toEqual([
    { status: 'fulfilled', value: 'a' },
    { status: 'rejected', reason: new Error('Refused.') },
    { status: 'fulfilled', value: 'c' },
  ])
  expect(await written()).toEqual(['a', 'c'])
})

test('of a commit that fails nothing is left, and all who were in it are told', async () => {
  const { write, written } = await notes()
  const outcomes = await Promise.allSettled([write('a'), write('b', 'missing'), write('refused'), write('d')])
  expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'rejected'))
  expect(outcomes[0]).toHaveProperty('reason.code', 'SQLITE_CONSTRAINT_FOREIGNKEY')
  expect(await written()).toEqual([])

  expect(await write('later')).toBe('later')
  expect(await written()).toEqual(['later'])
})

test('nobody hears of work before it can be read', async () => {
  const { write, written } = await notes()
  const seen = await Promise.all(
    ['a', 'b', 'c'].map(async (text) => {
      await write(text)
      return written()
    }),
  )
  expect(seen).toEqual(Array.from({ length: 3 }, () => ['a', 'b', 'c']))
})

test('work that cannot begin is told so, all that waits for it', async () => {
  const { database, write } = await notes()
  await database.close()
  const outcomes = await Promise.allSettled([write('a'), write('b')])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { testDatabase } from '../kit/app.ts'

const limit = { name: 'knock', attempts: 2, seconds: 60 }

test('processes on one database share the count', async () => {
  const database = await testDatabase()
  const { rows } = await sql<{ file: string }>`select file from pragma_database_list`.execute(database.reader)
  const other = openDatabase(`file:${rows[0]?.file}`)
  onTestFinished(() => other.close())
  const [here, there] = [database.rateLimiter(limit), other.rateLimiter(limit)]
  expect(await here.spend('a')).toBe(0)
  expect(await there.wait('a')).toBe(0)
  expect(await there.spend('a')).toBe(0)
  for (const limiter of [here, there]) {
    expect(await limiter.wait('a')).toBeGreaterThan(0)
    expect(await limiter.spend('a')).toBeGreaterThan(0)
    expect(await limiter.wait('b')).toBe(0)
  }
})

test('limits of different names know nothing of each other', async () => {
  const database = await testDatabase()
  const [one, two] = [database.rateLimiter(limit), database.rateLimiter({ ...limit, name: 'ring' })]
  await one.spend('a')
  await one.spend('a')
  expect(await one.wait('a')).toBeGreaterThan(0)
  expect(await two.wait('a')).toBe(0)
})

test('a count waits for an open transaction without stopping the process, and outlives its undoing', async () => {
  const database = await testDatabase()
  const limiter = database.rateLimiter(limit)
  const undone = database.writer.transaction().execute(async (transaction) => {
    await sql`create table never (a)`.execute(transaction)
    await sleep(50)
    throw new Error('undone')
  })
  const failed = expect(undone).rejects.toThrow('undone')
  const start = performance.now()
  expect(await Promise.all([limiter.spend('a'), limiter.spend('a')])).toEqual([0, 0])
  expect(performance.now() - start).toBeLessThan(900)
  await failed
  expect(await limiter.wait('a')).toBeGreaterThan(0)
})

test('a count does not pass for the work of another process', async () => {
  const database = await testDatabase()
  const before = database.foreignVersion()
  await database.rateLimiter(limit).spend('a')
  expect(database.foreignVersion()).toBe(before)
})

test('commits that matter still reach the disk', async () => {
  const database = await testDatabase()
  await database.rateLimiter(limit).spend('a')
  const { rows } = await sql`pragma synchronous`.execute(database.writer)
  expect(rows).toEqual([{ synchronous: 2 }])
})

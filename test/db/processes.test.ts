import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import { finished, repository, run, temporaryFolder } from '../cli/processes.ts'

const migrating = `
  import { openDatabase } from '#db/client.ts'
  import { migrate } from '#db/migrate.ts'
  const database = openDatabase(process.env.DATABASE_URL)
  console.log(JSON.stringify(await migrate(database)))
  await database.close()
`

// Reads before it writes: a transaction that took its lock only then would fail instead of waiting.
const counting = `
  import { sql } from 'kysely'
  import { openDatabase } from '#db/client.ts'
  const database = openDatabase(process.env.DATABASE_URL)
  for (let round = 0; round < 100; round++) {
    await database.writer.transaction().execute(async (trx) => {
      const { rows: [{ value }] } = await sql\`select value from counter\`.execute(trx)
      await sql\`update counter set value = \${value + 1}\`.execute(trx)
    })
  }
  await database.close()
`

const start = (script: string, url: string) =>
  finished(
    run(process.execPath, ['--input-type=module', '--eval', script], repository, { DATABASE_URL: url }),
  )

test.each([2, 2, 2, 6, 6])('%i processes that start at once on an empty file all come up', async (count) => {
  const url = `file:${join(await temporaryFolder(), 'new/shared.db')}`

  const ended = await Promise.all(Array.from({ length: count }, () => start(migrating, url)))

  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    Array.from({ length: count }, () => ({ code: 0, stderr: '' })),
  )
  const applied = ended.map(({ stdout }) => JSON.parse(stdout) as string[])
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1)
})

test('writers of two processes wait for each other instead of failing', async () => {
  const url = `file:${join(await temporaryFolder(), 'shared.db')}`
  const database = openDatabase(url)
  onTestFinished(() => database.close())
  await migrate(database)
  await sql`create table counter as select 0 as value`.execute(database.writer)

  const ended = await Promise.all([start(counting, url), start(counting, url)])

  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
    { code: 0, stderr: '' },
    { code: 0, stderr: '' },
  ])
  expect((await sql`select value from counter`.execute(database.reader)).rows).toEqual([{ value: 200 }])
})

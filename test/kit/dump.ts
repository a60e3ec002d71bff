import { sql } from 'kysely'
import type { TestApp } from './app.ts'

/** Every row of every table, but when keys were last used and invitations first looked at: that is noted after the answer. */
export async function dump({ store }: Pick<TestApp, 'store'>) {
  const tables = await sql<{ name: string }>`
    select name from sqlite_master where type = 'table' order by name`.execute(store.db)
  const rows: Record<string, object[]> = {}
  for (const { name } of tables.rows) {
    rows[name] = (await sql<object>`select * from ${sql.table(name)} order by 1, 2`.execute(store.db)).rows
  }
  const unnoted = (row: object) => ({
    ...row,
    ...('last_used_at' in row && { last_used_at: null }),
    ...('previewed_at' in row && { previewed_at: null }),
  })
  return Object.fromEntries(Object.entries(rows).map(([table, of]) => [table, of.map(unnoted)]))
}

/** The same to compare: what was refused must have changed nothing, though it was recorded and counted. */
export async function dumpOfThings(app: Pick<TestApp, 'store'>) {
  const { activities: _, rate_limits: __, ...things } = await dump(app)
  return things
}

/** What the latest calls of mutations came to, the last one first: why they were refused; null where they were not. */
export async function failures({ store }: Pick<TestApp, 'store'>, count: number) {
  const rows = await store.db
    .selectFrom('activities')
    .select('failure')
    .orderBy('id', 'desc')
    .limit(count)
    .execute()
  return rows.map((row) => row.failure)
}

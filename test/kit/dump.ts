import { sql } from 'kysely'
import type { TestApp } from './app.ts'

/** Every row of every table, to compare: what was refused must have changed nothing. */
export async function dump({ store }: Pick<TestApp, 'store'>) {
  const tables = await sql<{ name: string }>`
    select name from sqlite_master where type = 'table' order by name`.execute(store.db)
  const rows: Record<string, unknown[]> = {}
  for (const { name } of tables.rows) {
    rows[name] = (await sql`select * from ${sql.table(name)} order by 1, 2`.execute(store.db)).rows
  }
  return rows
}

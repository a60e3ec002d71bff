import { sql } from 'kysely'
import type { Database } from './client.ts'

/** What a look at the whole database finds broken; nothing where it is whole. */
export async function damages({ reader }: Database): Promise<string[]> {
  const { rows } = await sql<{ quick_check: string }>`pragma quick_check(5)`.execute(reader)
  return rows.map((row) => row.quick_check).filter((line) => line !== 'ok')
}

/** Takes the lock that every change needs and gives it back; throws where it cannot be had. */
export async function tryWriting({ writer }: Database): Promise<void> {
  await writer.transaction().execute(async () => {})
}

/** The instant of the last thing that anybody did. */
export async function lastActivity({ reader }: Database): Promise<number | undefined> {
  const newest = reader.selectFrom('activities').select(({ fn }) => fn.max('created_at').as('at'))
  return (await newest.executeTakeFirst())?.at ?? undefined
}

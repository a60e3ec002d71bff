import type { Kysely } from 'kysely'
import type { Database } from './client.ts'
import { insertRows } from './rows.ts'
import { type SeedSize, seededId } from './seedIds.ts'
import { organizationRows, rowsOf, type SeedRows } from './seedRows.ts'
import type { Tables } from './tables.ts'

export const defaultSeedSize: SeedSize = { organizations: 50, invites: 100_000 }

const STATEMENT_ROWS = 500
/** Rows per transaction: enough to pay for its sync, few enough not to keep other writers waiting. */
const TRANSACTION_ROWS = 10_000

export class AlreadySeededError extends Error {}

/**
 * Fills the migrated database with rows that depend on nothing but the size: ids, hashes and times too.
 * At any instant every log is gapless and its counter right, so a server may look on.
 * Answers how many rows it wrote.
 */
export async function seed(
  database: Database,
  size: SeedSize,
  onProgress: (rows: number, share: number) => void = () => {},
): Promise<number> {
  await refuseSecondSeed(database)
  let written = 0
  for (let organization = 0; organization <= size.organizations; organization++) {
    const rows = organization === 0 ? [organizationRows(size)] : rowsOf(size, organization)
    const parts = [...batches(rows)]
    for (const [index, batch] of parts.entries()) {
      await database.writer.transaction().execute(async (trx) => {
        for (const part of batch) await insert(trx, part)
      })
      written += batch.reduce((sum, part) => sum + part.rows.length, 0)
      const done = organization === 0 ? 0 : organization - 1 + (index + 1) / parts.length
      onProgress(written, done / size.organizations)
    }
  }
  return written
}

async function refuseSecondSeed(database: Database) {
  const first = await database.reader
    .selectFrom('organizations')
    .select('id')
    .where('id', '=', seededId('org', 1))
    .executeTakeFirst()
  if (first) throw new AlreadySeededError('This database has seeded rows already.')
}

/** The rows in the same order, cut into statements, and these into transactions. */
function* batches(all: SeedRows[]): Generator<SeedRows[]> {
  let batch: SeedRows[] = []
  let size = 0
  for (const { table, rows } of all) {
    for (let start = 0; start < rows.length; start += STATEMENT_ROWS) {
      const part = { table, rows: rows.slice(start, start + STATEMENT_ROWS) } as SeedRows
      batch.push(part)
      size += part.rows.length
      if (size < TRANSACTION_ROWS) continue
      yield batch
      batch = []
      size = 0
    }
  }
  if (batch.length > 0) yield batch
}

async function insert(db: Kysely<Tables>, { table, rows }: SeedRows) {
  await insertRows(table, rows).execute(db)
  if (table !== 'invitation_events') return
  const last = rows.at(-1)
  if (!last) return
  await db
    .updateTable('organizations')
    .set({ last_sequence: last.sequence })
    .where('id', '=', last.organization_id)
    .execute()
}

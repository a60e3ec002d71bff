import { type Migration, Migrator } from 'kysely/migration'
import type { Database } from './client.ts'
import { core } from './migrations/0001_core.ts'

/** In the order in which they are applied; one that has been released never changes. */
const migrations: Record<string, Migration> = {
  '0001_core': core,
}

/**
 * Brings the database up to date, all or nothing, and answers with the names of what it applied.
 * Several processes may call it at once: they take turns.
 */
export async function migrate(database: Database, known = migrations): Promise<string[]> {
  const { error, results = [] } = await migrator(database, known).migrateToLatest()
  if (error) throw error
  return results.map((result) => result.migrationName)
}

/** The names of the migrations that this database still lacks. */
export async function pendingMigrations(database: Database): Promise<string[]> {
  const known = await migrator(database, migrations).getMigrations()
  return known.filter((migration) => !migration.executedAt).map((migration) => migration.name)
}

const migrator = (database: Database, known: Record<string, Migration>) =>
  new Migrator({ db: database.writer, provider: { getMigrations: async () => known } })

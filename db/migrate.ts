import { hash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { DEFAULT_MIGRATION_TABLE, type Migration, Migrator } from 'kysely/migration'
import type { Database } from './client.ts'
import { core } from './migrations/0001_core.ts'
import { access } from './migrations/0002_access.ts'
import { people } from './migrations/0003_people.ts'
import type { Tables } from './tables.ts'

/** In the order in which they are applied; one that has been released never changes. */
const migrations: Record<string, Migration> = {
  '0001_core': core,
  '0002_access': access,
  '0003_people': people,
}

/**
 * Brings the database up to date, all or nothing, and answers with the names of what it applied.
 * Several processes may call it at once: they take turns.
 */
export async function migrate(database: Database, known = migrations): Promise<string[]> {
  const { error, results = [] } = await migrator(database.writer, known).migrateToLatest()
  if (error) throw error
  return results.map((result) => result.migrationName)
}

/** The names of the migrations that this database still lacks. */
export async function pendingMigrations(database: Database): Promise<string[]> {
  const known = await migrator(database.reader, migrations).getMigrations()
  return known.filter((migration) => !migration.executedAt).map((migration) => migration.name)
}

/** The names of migrations that the database has had and that are not among ours: a newer version made them. */
export async function foreignMigrations(database: Database): Promise<string[]> {
  return (await appliedMigrations(database)).map(({ name }) => name).filter((name) => !migrations[name])
}

/** Names the database, to whoever opens it and to nobody else. Undefined before it has been migrated. */
export async function databaseId(database: Database): Promise<string | undefined> {
  const [first] = await appliedMigrations(database)
  return first && hash('sha256', `${first.name} ${first.timestamp}`).slice(0, 16)
}

async function appliedMigrations({ reader }: Database) {
  const tables = await reader.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return []
  const applied = sql<{ name: string; timestamp: string }>`
    select name, timestamp from ${sql.table(DEFAULT_MIGRATION_TABLE)} order by name`
  return (await applied.execute(reader)).rows
}

const migrator = (db: Kysely<Tables>, known: Record<string, Migration>) =>
  new Migrator({ db, provider: { getMigrations: async () => known } })

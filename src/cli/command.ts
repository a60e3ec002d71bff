import { parseArgs } from 'node:util'
import { type Database, openDatabase } from '#db/client.ts'
import { foreignMigrations, migrate } from '#db/migrate.ts'
import { createStore, type Store } from '#domain/store.ts'
import { systemTime } from '#domain/time.ts'

/** What the one who typed the command can mend: told as one line, without a stack. */
export class CommandError extends Error {}

/** The value of each `--name value`; refuses names that the command does not know. */
export function optionsOf<Name extends string>(args: string[], names: readonly Name[]) {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  try {
    return parseArgs({ args, options }).values as Partial<Record<Name, string>>
  } catch (error) {
    const known = names.map((name) => `--${name} …`).join(' ')
    const advice = known
      ? `Options: ${known}\nnpm takes them for its own, unless two dashes stand before: npm run … -- ${known}`
      : 'There are no options; settings are variables: PORT=5000 npm start'
    throw new CommandError(`${error instanceof Error ? error.message : error}\n${advice}`)
  }
}

/** Opens the database as the environment names it, or says why that cannot be. */
export function open(url: string): Database {
  try {
    return openDatabase(url)
  } catch (error) {
    throw new CommandError(
      `The database ${url} cannot be opened: ${error instanceof Error ? error.message : error}`,
    )
  }
}

export async function openMigrated(url: string): Promise<Database> {
  const database = open(url)
  try {
    await migrateOurs(database)
  } catch (error) {
    await database.close()
    throw error
  }
  return database
}

/** Brings the database up to date; answers with what was applied. */
export async function migrateOurs(database: Database): Promise<string[]> {
  const foreign = await foreignMigrations(database)
  if (foreign.length === 0) return migrate(database)
  throw new CommandError(
    `A newer Latchkey has changed this database: ${foreign.join(', ')}. Start that version, or a newer one.`,
  )
}

/** Runs the work on the migrated database and closes it. */
export async function withStore<Result>(
  url: string,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  const database = await openMigrated(url)
  try {
    return await work(createStore({ database, time: systemTime }))
  } finally {
    await database.close()
  }
}

export const print = (text: string) => void process.stdout.write(`${text}\n`)

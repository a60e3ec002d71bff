import { parseArgs } from 'node:util'
import { openDatabase } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import { createStore } from '#domain/store.ts'
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
    throw new CommandError(`${error instanceof Error ? error.message : error}\nOptions: ${known || 'none'}`)
  }
}

/** Runs the work on the migrated database and closes it. */
export async function withStore<Result>(
  url: string,
  work: (store: ReturnType<typeof createStore>, database: ReturnType<typeof openDatabase>) => Promise<Result>,
): Promise<Result> {
  const database = openDatabase(url)
  try {
    await migrate(database)
    return await work(createStore({ database, time: systemTime }), database)
  } finally {
    await database.close()
  }
}

export const print = (text: string) => void process.stdout.write(`${text}\n`)

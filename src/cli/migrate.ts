import { migrate } from '#db/migrate.ts'
import type { Env } from '../env.ts'
import { open, optionsOf, print } from './command.ts'

/** `npm run migrate`: brings the database up to date. */
export async function migrateDatabase(env: Env, args: string[]): Promise<number> {
  optionsOf(args, [])
  const database = open(env.databaseUrl)
  try {
    const applied = await migrate(database)
    print(applied.length > 0 ? `Applied: ${applied.join(', ')}` : 'Up to date.')
  } finally {
    await database.close()
  }
  return 0
}

import type { Env } from '../env.ts'
import { migrateOurs, open, optionsOf, print } from './command.ts'

/** `npm run migrate`: brings the database up to date. */
export async function migrateDatabase(env: Env, args: string[]): Promise<number> {
  optionsOf(args, [])
  const database = open(env.databaseUrl)
  try {
    const applied = await migrateOurs(database)
    print(applied.length > 0 ? `Applied: ${applied.join(', ')}` : 'Up to date.')
  } finally {
    await database.close()
  }
  return 0
}

import { accessSync, constants, existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type Database, databaseFile } from '#db/client.ts'
import { damages, lastActivity, tryWriting } from '#db/health.ts'
import { foreignMigrations, pendingMigrations } from '#db/migrate.ts'
import type { Env } from '../env.ts'
import { CommandError, open } from './command.ts'
import { type Check, nothing, well } from './finding.ts'

const MEGABYTE = 1_000_000
/** Less than this, and the log that SQLite writes before a change soon does not fit. */
const LEAST_FREE = 200 * MEGABYTE
/** How far clocks of one machine may be apart from one start to the next. */
const TOLERANCE_MS = 5_000

/** What is looked at in the database; one that is not there is not made. */
export function databaseChecks({ databaseUrl: url }: Env): Check[] {
  const file = databaseFile(url)
  const disk: Check = { name: 'Disk', look: () => diskFinding(nearestFolder(file)) }
  if (!existsSync(file)) {
    return [{ name: 'Database', look: () => nothing(`${url} is not there yet: npm start makes it`) }, disk]
  }
  const inDatabase = (name: string, look: (database: Database) => ReturnType<Check['look']>): Check => ({
    name,
    async look() {
      const database = open(url)
      try {
        return await look(database)
      } finally {
        await database.close()
      }
    },
  })
  return [
    inDatabase('Database', async (database) => {
      const damaged = await damages(database)
      if (damaged.length > 0) {
        throw new CommandError(
          `${url} is damaged. Stop the server and restore a backup.\n${damaged.join('\n')}`,
        )
      }
      await tryWriting(database)
      return well(`${url} is whole and takes changes`)
    }),
    inDatabase('Migrations', async (database) => {
      const foreign = await foreignMigrations(database)
      if (foreign.length > 0) {
        throw new CommandError(
          `${foreign.join(', ')}: a newer Latchkey was here. Start that version, or a newer one.`,
        )
      }
      const pending = await pendingMigrations(database)
      if (pending.length > 0) throw new CommandError(`pending: ${pending.join(', ')}. Type: npm run migrate`)
      return well('all applied')
    }),
    disk,
    inDatabase('Clock', async (database) => {
      const last = (await pendingMigrations(database)).length === 0 ? await lastActivity(database) : undefined
      if (last === undefined) return nothing('nothing in the database to compare it with')
      if (last > Date.now() + TOLERANCE_MS) {
        throw new CommandError(
          `it is ${new Date().toISOString()} here, and the last change is of ${new Date(last).toISOString()}.\n` +
            'Set this clock. Type: timedatectl set-ntp true',
        )
      }
      return well(new Date().toISOString())
    }),
  ]
}

async function diskFinding(folder: string) {
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    throw new CommandError(`${folder} cannot be written to. Type: sudo chown -R "$USER" '${folder}'`)
  }
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const told = `${Math.floor(free / MEGABYTE)} MB free in ${folder}`
  if (free < LEAST_FREE)
    throw new CommandError(`${told}, and ${LEAST_FREE / MEGABYTE} are needed. Make room.`)
  return well(told)
}

/** The folder of the file, or the one that it will be made in. */
function nearestFolder(file: string): string {
  let folder = dirname(resolve(file))
  while (!existsSync(folder)) folder = dirname(folder)
  return folder
}

import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type SQLite from 'better-sqlite3'
import { Kysely, type Logger } from 'kysely'
import { groupCommit, type Transact } from './groupCommit.ts'
import { type RateLimit, type RateLimiter, sqliteRateLimiter } from './rateLimiter.ts'
import { Snapshot } from './snapshot.ts'
import { ImmediateSqliteDialect, openSqlite, type Use } from './sqlite.ts'
import type { Tables } from './tables.ts'

/** The two ways to the data: single reads that never wait for a writer, and transactions. */
export interface Database {
  readonly reader: Kysely<Tables>
  readonly writer: Kysely<Tables>
  /** A transaction whose commit is shared with others that are waiting. */
  readonly transact: Transact
  /** Lets reads share a snapshot until this turn of the event loop ends. To be called as a request arrives. */
  readTogether(): void
  /** A number that changes whenever another process has committed: a cheap question. */
  foreignVersion(): number
  /** A limiter whose counts all processes on this database share. Not to be used inside a transaction. */
  rateLimiter(limit: RateLimit): RateLimiter
  close(): Promise<void>
}

export class UnsupportedDatabaseError extends Error {}

/** The path in `file:<path>`. */
export function databaseFile(url: string): string {
  const file = /^file:(?:\/\/)?(.+)$/.exec(url)?.[1]
  if (!file) throw new UnsupportedDatabaseError(`DATABASE_URL must look like file:data/latchkey.db`)
  return file
}

/** Opens `file:<path>`; the folder is made if it is not there. The caller migrates. */
export function openDatabase(url: string, log?: Logger): Database {
  const file = databaseFile(url)
  mkdirSync(dirname(file), { recursive: true })

  const writing = openSqlite(file)
  const reading = openSqlite(file)
  reading.pragma('query_only = ON')
  // Asked on the writing connection: its own commits do not count.
  const version = writing.prepare('pragma data_version').pluck()
  const options = log ? { log } : {}
  const snapshot = new Snapshot(reading)
  const kysely = (connection: SQLite.Database, use: Use) =>
    new Kysely<Tables>({ dialect: new ImmediateSqliteDialect(connection, use, log), ...options })
  const writer = kysely(writing, { for: 'writes', snapshot })
  const reader = kysely(reading, { for: 'reads' })

  return {
    reader,
    writer,
    transact: groupCommit(writer),
    readTogether: snapshot.begin,
    foreignVersion() {
      // Who is woken by what this tells of must see it.
      snapshot.end()
      return version.get() as number
    },
    rateLimiter: (limit) =>
      sqliteRateLimiter(writing, (work) => writer.connection().execute(work), reader, limit),
    async close() {
      snapshot.end()
      await reader.destroy()
      await writer.destroy()
      // Kysely closes only what it has used, and the file is not whole while a connection is open.
      reading.close()
      writing.close()
    },
  }
}

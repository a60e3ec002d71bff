import type SQLite from 'better-sqlite3'
import { type Kysely, sql } from 'kysely'
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterSQLite } from 'rate-limiter-flexible'
import { prepared } from './prepared.ts'
import type { Tables } from './tables.ts'

/** How many attempts each key has in a window of time, which its first attempt begins. */
export interface RateLimit {
  /** Tells apart what is limited. */
  readonly name: string
  readonly attempts: number
  readonly seconds: number
}

/** Counts attempts per key, by the wall clock: the only time that processes share. */
export interface RateLimiter {
  /** Milliseconds until the key has attempts again; 0 while it has one left. Spends nothing. */
  wait(key: string): Promise<number>
  /** Spends an attempt: 0, or the milliseconds to wait where there was none left to spend. */
  spend(key: string): Promise<number>
}

/** Counts in this process alone: several processes allow as many times more. */
export const memoryRateLimiter = ({ name, attempts, seconds }: RateLimit): RateLimiter =>
  rateLimiter(new RateLimiterMemory({ keyPrefix: name, points: attempts, duration: seconds }))

/** The library's own way to look takes several times as long, and every use of a token begins with a look. */
const spentOf = prepared<{ key: string; attempts: number; now: number }, { expire: number }>(
  (_, value) => sql`select expire from rate_limits
    where key = ${value('key')} and points >= ${value('attempts')} and expire > ${value('now')}`,
)

/** Runs work while no transaction of this process is open. */
type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>

/**
 * Counts in the database, for all processes on it. It writes on the writer's connection in its turn: within
 * a transaction, the counts would be undone with it; on another connection, they would wait for it, and,
 * since waiting blocks, it for them; and `data_version` would take them for another process's work.
 */
export function sqliteRateLimiter(
  connection: SQLite.Database,
  inTurn: InTurn,
  reader: Kysely<Tables>,
  { name, attempts, seconds }: RateLimit,
): RateLimiter {
  const limiter = rateLimiter(
    new RateLimiterSQLite({
      storeClient: withKeptStatements(connection),
      storeType: 'better-sqlite3',
      tableName: 'rate_limits',
      tableCreated: true,
      keyPrefix: name,
      points: attempts,
      duration: seconds,
    }),
  )
  let sweptAt = 0

  /** Drops windows that have ended. The library's own timer never stops, and its failure ends the process. */
  function sweep() {
    const now = Date.now()
    if (now < sweptAt + seconds * 1000) return
    sweptAt = now
    connection.prepare('delete from rate_limits where expire <= ?').run(now)
  }

  return {
    async wait(key) {
      const now = Date.now()
      const [spent] = await spentOf(reader, { key: `${name}:${key}`, attempts, now })
      return spent ? spent.expire - now : 0
    },
    spend: (key) =>
      inTurn(() =>
        withoutSync(connection, async () => {
          const wait = await limiter.spend(key)
          sweep()
          return wait
        }),
      ),
  }
}

/**
 * A power cut may cost the last counts, so these commits need not wait for the disk. Not OFF: a checkpoint
 * would not wait either, and could leave the whole file damaged.
 */
async function withoutSync<Result>(connection: SQLite.Database, work: () => Promise<Result>) {
  connection.pragma('synchronous = NORMAL')
  try {
    return await work()
  } finally {
    connection.pragma('synchronous = FULL')
  }
}

/** The library prepares the same few statements at every call, which costs more than running them. */
function withKeptStatements(connection: SQLite.Database) {
  const statements = new Map<string, SQLite.Statement>()
  return {
    prepare(sql: string) {
      const statement = statements.get(sql) ?? connection.prepare(sql)
      statements.set(sql, statement)
      return statement
    },
    transaction: (work: () => unknown) => connection.transaction(work),
  }
}

function rateLimiter(limiter: RateLimiterAbstract): RateLimiter {
  return {
    async wait(key) {
      const count = await limiter.get(key)
      return count && count.consumedPoints >= limiter.points ? Math.max(count.msBeforeNext, 0) : 0
    },
    async spend(key) {
      // Unlike `consume`, a penalty does not reject with what is not an error.
      const count = await limiter.penalty(key)
      return count.consumedPoints > limiter.points ? Math.max(count.msBeforeNext, 1) : 0
    },
  }
}

import { type Kysely, sql, type Transaction } from 'kysely'
import type { Database } from '#db/client.ts'
import type { Tables } from '#db/tables.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { appendEvents, type NewEvent } from './log.ts'
import { createThrottle, type Throttle } from './throttle.ts'
import type { Time } from './time.ts'
import { Wakeups } from './wakeups.ts'

/** What rules work with: the data, the time, the limits. */
export interface Store {
  /** For single reads; inside a transaction only its own `db` may be used. */
  readonly db: Kysely<Tables>
  readonly limits: Limits
  /** Lets reads share a snapshot until this turn of the event loop ends. To be called as a request arrives. */
  readonly readTogether: () => void
  /** How often callers may try. */
  readonly throttle: Throttle
  /** Who waits for an organization's log to grow. */
  readonly wakeups: Wakeups
  now(): number
  /**
   * Runs the work in one transaction: all of it happens, or nothing. The events that it recorded are
   * numbered and written last, and subscribers are woken once it is durable.
   */
  write<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>
}

/** One transaction. */
export interface Tx {
  readonly db: Transaction<Tables>
  readonly limits: Limits
  /** The instant at which everything in this transaction happens. */
  readonly now: number
  /** The user or key that does it; null for a guest, and for what nobody does. */
  actorId: string | null
  /** Work that is undone alone where it throws: what came before it in the transaction stays. */
  attempt<Result>(work: () => Promise<Result>): Promise<Result>
  /** Adds to the organization's log, in the order of the calls. */
  record(event: NewEvent): void
  /** Readers of this organization's log must look up: who may read it has changed, perhaps. */
  wake(organizationId: string): void
  /** Time alone will change something at this instant: the clock must be awake by then. */
  due(at: number | null): void
  /** Something has been put into the outbox. */
  posted(): void
}

export interface StoreOptions {
  readonly database: Database
  readonly time: Time
  readonly limits?: Partial<Limits>
}

export function createStore({ database, time, limits: changed }: StoreOptions): Store {
  const limits = { ...defaultLimits, ...changed }
  const wakeups = new Wakeups(database.foreignVersion)
  return {
    db: database.reader,
    readTogether: database.readTogether,
    limits,
    throttle: createThrottle(database, limits),
    wakeups,
    now: () => time.now(),
    async write(work) {
      const events: NewEvent[] = []
      const dues: number[] = []
      const woken = new Set<string>()
      let isPosted = false
      const result = await database.transact(async (db) => {
        const tx: Tx = {
          db,
          limits,
          now: time.now(),
          actorId: null,
          attempt: async (attempted) => {
            const recorded = events.length
            await sql`savepoint attempt`.execute(db)
            try {
              return await attempted()
            } catch (error) {
              events.length = recorded
              await sql`rollback to savepoint attempt`.execute(db)
              throw error
            } finally {
              await sql`release savepoint attempt`.execute(db)
            }
          },
          record: (event) => void events.push(event),
          wake: (organizationId) => void woken.add(organizationId),
          due: (at) => void (at !== null && dues.push(at)),
          posted: () => {
            isPosted = true
          },
        }
        const done = await work(tx)
        await appendEvents(tx, events)
        return done
      })
      for (const event of events) woken.add(event.organizationId)
      wakeups.wake(woken)
      if (dues.length > 0) wakeups.due(Math.min(...dues))
      if (isPosted) wakeups.posted()
      return result
    },
  }
}

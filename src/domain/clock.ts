import { setImmediate } from 'node:timers/promises'
import { settleGuestInvitation } from './guestInvitation.ts'
import { settleInvite } from './invite.ts'
import { settleJoinLink } from './joinLink.ts'
import { settleMemberInvitation } from './memberInvitation.ts'
import type { Store } from './store.ts'
import type { Time } from './time.ts'

const BATCH = 100
/** How long it sleeps at most: what another process made due, and did not live to see, waits this long. */
const LONGEST_SLEEP_MS = 30_000
const RETRY_MS = 1000

/**
 * Writes the events that only time causes, OPENED and EXPIRED: each when it is due, late after a downtime,
 * never twice, since each is settled and recorded in one transaction. Nobody's status depends on it.
 */
export class Clock {
  readonly #store: Store
  readonly #time: Time
  readonly #onError: (error: unknown) => void
  #cancel = () => {}
  #wakesAt = Number.POSITIVE_INFINITY
  #turn: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(store: Store, time: Time, onError: (error: unknown) => void) {
    this.#store = store
    this.#time = time
    this.#onError = onError
    store.wakeups.onDue((instant) => this.#sleepUntil(instant))
  }

  /** Catches up with all that is due, then keeps going. */
  async start() {
    this.#run()
    await this.#turn
  }

  async stop() {
    this.#stopped = true
    this.#cancel()
    await this.#turn
  }

  #sleepUntil(instant: number) {
    if (this.#stopped || instant >= this.#wakesAt) return
    this.#cancel()
    this.#wakesAt = instant
    this.#cancel = this.#time.at(instant, () => this.#run())
  }

  #run() {
    this.#wakesAt = Number.POSITIVE_INFINITY
    this.#turn = this.#turn.then(() => this.#settleAll())
  }

  async #settleAll() {
    try {
      while (!this.#stopped && (await settleDue(this.#store))) {
        // Each turn is one transaction, and others have theirs between, also after a long downtime.
        await setImmediate()
      }
      const next = await nextDueOf(this.#store)
      const latest = this.#time.now() + LONGEST_SLEEP_MS
      this.#sleepUntil(Math.min(next ?? latest, latest))
    } catch (error) {
      this.#onError(error)
      this.#sleepUntil(this.#time.now() + RETRY_MS)
    }
  }
}

/** Settles a batch of what is due, earliest first; answers whether there may be more. */
function settleDue(store: Store): Promise<boolean> {
  return store.write(async (tx) => {
    const due: { at: number; settle: () => Promise<unknown> }[] = []
    let mayBeMore = false
    for (const [table, settle] of entriesOf(settlers)) {
      const rows = await tx.db
        .selectFrom(table)
        .selectAll()
        .where('due_at', '<=', tx.now)
        .orderBy('due_at')
        .limit(BATCH)
        .execute()
      mayBeMore ||= rows.length === BATCH
      due.push(...rows.map((row) => ({ at: row.due_at ?? 0, settle: () => settle(tx, row as never) })))
    }
    for (const { settle } of due.sort((a, b) => a.at - b.at)) await settle()
    return mayBeMore
  })
}

/** What time changes, and how that is recorded. */
const settlers = {
  invites: settleInvite,
  guest_invitations: settleGuestInvitation,
  member_invitations: settleMemberInvitation,
  join_links: settleJoinLink,
}

const entriesOf = <Key extends string, Value>(record: Record<Key, Value>) =>
  Object.entries(record) as [Key, Value][]

/** The next instant at which time alone changes anything. */
async function nextDueOf(store: Store): Promise<number | undefined> {
  const dues = await Promise.all(
    entriesOf(settlers).map(([table]) =>
      store.db
        .selectFrom(table)
        .select('due_at')
        .where('due_at', 'is not', null)
        .orderBy('due_at')
        .limit(1)
        .executeTakeFirst(),
    ),
  )
  const instants = dues.flatMap((row) => row?.due_at ?? [])
  return instants.length > 0 ? Math.min(...instants) : undefined
}

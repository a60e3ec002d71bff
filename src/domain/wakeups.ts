const POLL_MS = 50
/** How often readers look even so: a key may have come to its end meanwhile. */
const LOOK_AGAIN_MS = 10_000

/** One wake-up, the same object for all whom it wakes. */
export type Wakeup = object
export type Reader = (wakeup: Wakeup) => void

/**
 * Who waits for what: readers of an organization's log for it to grow, the clock for an earlier instant,
 * the courier for mail.
 * A wake-up is only a hint to look; the log is the truth. No event is ever queued here.
 */
export class Wakeups {
  readonly #readers = new Map<string, Set<Reader>>()
  readonly #foreignVersion: () => number
  #poll: NodeJS.Timeout | undefined
  #onDue: (instant: number) => void = () => {}
  #onPosted = () => {}

  /** `foreignVersion` changes when another process has committed. */
  constructor(foreignVersion: () => number) {
    this.#foreignVersion = foreignVersion
  }

  /** Calls back whenever the organization's log may have grown; the answer cancels it. */
  listen(organizationId: string, callback: Reader): () => void {
    const readers = this.#readers.get(organizationId) ?? new Set()
    this.#readers.set(organizationId, readers.add(callback))
    this.#poll ??= this.#watchOtherProcesses()
    return () => {
      readers.delete(callback)
      if (readers.size === 0 && this.#readers.get(organizationId) === readers)
        this.#readers.delete(organizationId)
      if (this.#readers.size === 0) {
        clearInterval(this.#poll)
        this.#poll = undefined
      }
    }
  }

  wake(organizationIds: Iterable<string>) {
    for (const id of organizationIds) {
      const wakeup = {}
      for (const callback of this.#readers.get(id) ?? []) callback(wakeup)
    }
  }

  /** Something is due at this instant, perhaps before all that the clock knows of. */
  due(instant: number) {
    this.#onDue(instant)
  }

  onDue(callback: (instant: number) => void) {
    this.#onDue = callback
  }

  /** Something is in the outbox. */
  posted() {
    this.#onPosted()
  }

  onPosted(callback: () => void) {
    this.#onPosted = callback
  }

  #watchOtherProcesses() {
    let seen = this.#foreignVersion()
    let looked = performance.now()
    const check = () => {
      try {
        const version = this.#foreignVersion()
        if (version === seen && performance.now() - looked < LOOK_AGAIN_MS) return
        seen = version
        looked = performance.now()
      } catch {
        // A database that cannot be asked is for the readers to meet, who can tell somebody.
      }
      this.wake(this.#readers.keys())
    }
    return setInterval(check, POLL_MS).unref()
  }
}

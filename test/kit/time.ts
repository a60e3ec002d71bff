import type { Time } from '#domain/time.ts'

interface Timer {
  instant: number
  callback: () => void
}

/** Time that stands still until a test moves it. */
export class ManualTime implements Time {
  #now: number
  readonly #timers = new Set<Timer>()

  constructor(start = Date.UTC(2030, 0, 1)) {
    this.#now = start
  }

  now = () => this.#now

  at(instant: number, callback: () => void) {
    const timer = { instant, callback }
    this.#timers.add(timer)
    // What is due already does not wait for a test to move on: nor does it where time goes by itself.
    if (instant <= this.#now) setImmediate(() => this.#ring(timer))
    return () => void this.#timers.delete(timer)
  }

  #ring(timer: Timer) {
    if (this.#timers.delete(timer)) timer.callback()
  }

  /** Moves on, ringing what is due on the way, each at its own instant. */
  advance(ms: number) {
    const end = this.#now + ms
    for (;;) {
      const [next] = [...this.#timers]
        .filter(({ instant }) => instant <= end)
        .sort((a, b) => a.instant - b.instant)
      if (!next) break
      this.#now = Math.max(this.#now, next.instant)
      this.#ring(next)
    }
    this.#now = end
  }
}

export const SECOND = 1000
export const HOUR = 3600 * SECOND
export const DAY = 24 * HOUR
export const WEEK = 7 * DAY

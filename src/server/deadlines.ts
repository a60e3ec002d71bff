import { setMaxListeners } from 'node:events'

/** How long an operation may take; a subscription's events each anew. */
const DEADLINE_MS = 10_000
const STEP_MS = 1000

interface Step {
  signal: AbortSignal
  /** Called when it is over. */
  waiting: Set<(error: Error) => void>
  until: number
}

/**
 * Ends operations in time. All that begin within one second share a timer: one for each would cost more than
 * most operations do.
 */
export class Deadlines {
  readonly #ms: number
  #step: Step | undefined

  constructor(ms = DEADLINE_MS) {
    this.#ms = ms
  }

  /** For what can be told to stop. */
  signal = (): AbortSignal => this.#now().signal

  /** What comes of the work in time. Listening to a signal would take events half as long again. */
  within<Result>(work: Promise<Result>): Promise<Result> {
    const { waiting } = this.#now()
    return new Promise((resolve, reject) => {
      waiting.add(reject)
      work.then(
        (result) => {
          waiting.delete(reject)
          resolve(result)
        },
        (error) => {
          waiting.delete(reject)
          reject(error)
        },
      )
    })
  }

  #now(): Step {
    const now = performance.now()
    if (this.#step && now < this.#step.until) return this.#step
    const ms = Math.min(STEP_MS, this.#ms)
    const signal = AbortSignal.timeout(this.#ms + ms)
    // Each running operation listens, however many they are.
    setMaxListeners(0, signal)
    const waiting: Step['waiting'] = new Set()
    const end = () => {
      for (const giveUp of waiting) giveUp(new Error('It took too long.', { cause: signal.reason }))
    }
    signal.addEventListener('abort', end, { once: true })
    this.#step = { signal, waiting, until: now + ms }
    return this.#step
  }
}

import type { Logger } from 'pino'
import { giveBack, type Letter, markFailed, markSent, nextMailDue, takeMails } from '#domain/outbox.ts'
import type { Store } from '#domain/store.ts'
import type { Time } from '#domain/time.ts'
import type { Composer } from './composer.ts'
import { AT_ONCE, type NotTaken, type Transport } from './smtp.ts'

/** How often it looks for what other processes have posted, or died over. */
const POLL_MS = 5000
const RETRY_MS = 1000
/** Well within the lease of a mail: nobody else sends it while this one still tries. */
const LONGEST_SEND_MS = 40_000
/** How long mails on their way may take when it stops. */
const GRACE_MS = 5000

export interface CourierOptions {
  store: Store
  time: Time
  composer: Composer
  transport: Transport
  log: Logger
}

/**
 * Carries what is in the outbox to the mail server: at least once each, after the commit of what it tells
 * of. Any number of couriers, in as many processes, share the work.
 */
export class Courier {
  readonly #options: CourierOptions
  readonly #sending = new Set<Promise<void>>()
  readonly #hurry = new AbortController()
  #cancel = () => {}
  #looking: Promise<void> | undefined
  #mustLookAgain = false
  #stopped = false

  constructor(options: CourierOptions) {
    this.#options = options
  }

  start() {
    this.#options.store.wakeups.onPosted(() => this.#look())
    this.#look()
  }

  /** Finishes what is on its way, for a while, and gives the rest back. */
  async stop() {
    this.#stopped = true
    this.#cancel()
    const grace = setTimeout(() => this.#hurry.abort(), GRACE_MS)
    await this.#looking
    await Promise.all(this.#sending)
    clearTimeout(grace)
    this.#options.transport.close()
  }

  #look() {
    this.#cancel()
    this.#mustLookAgain = true
    this.#looking ??= this.#takeAll().finally(() => {
      this.#looking = undefined
      // Asked for when it had just ended.
      if (this.#mustLookAgain && !this.#stopped) this.#look()
    })
  }

  #sleepUntil(instant: number) {
    if (!this.#stopped) this.#cancel = this.#options.time.at(instant, () => this.#look())
  }

  async #takeAll() {
    const { store, log } = this.#options
    try {
      while (this.#mustLookAgain && !this.#stopped) {
        this.#mustLookAgain = false
        await this.#takeDue()
      }
    } catch (error) {
      log.error({ err: error }, 'the courier failed and tries again')
      this.#sleepUntil(store.now() + RETRY_MS)
    }
  }

  /** Until nothing is due, or all hands are full: then the first that is free looks again. */
  async #takeDue() {
    const { store } = this.#options
    while (this.#sending.size < AT_ONCE && !this.#stopped) {
      const next = (await nextMailDue(store)) ?? Number.POSITIVE_INFINITY
      if (next > store.now()) return this.#sleepUntil(Math.min(next, store.now() + POLL_MS))
      for (const letter of await takeMails(store, AT_ONCE - this.#sending.size)) this.#deliver(letter)
    }
  }

  #deliver(letter: Letter) {
    const delivery = this.#send(letter)
      // Its lease ends by itself.
      .catch((error) => this.#options.log.error({ err: error, mailId: letter.id }, 'a mail was not settled'))
      .finally(() => {
        this.#sending.delete(delivery)
        if (!this.#stopped) this.#look()
      })
    this.#sending.add(delivery)
  }

  async #send(letter: Letter) {
    const { store, log } = this.#options
    if (this.#stopped) return giveBack(store, letter)
    const failure = await this.#attempt(letter)
    if (!failure) return markSent(store, letter)
    if (this.#hurry.signal.aborted) return giveBack(store, letter)
    const { details, permanent } = failure
    log.warn({ mailId: letter.id, attempt: letter.attempt, permanent, ...details }, 'a mail was not taken')
    return markFailed(store, letter, failure)
  }

  async #attempt(letter: Letter): Promise<NotTaken | undefined> {
    const { composer, transport, log } = this.#options
    try {
      const mail = composer.compose(letter)
      const signal = AbortSignal.any([this.#hurry.signal, AbortSignal.timeout(LONGEST_SEND_MS)])
      return await transport.send(mail, signal)
    } catch (error) {
      log.error({ err: error, mailId: letter.id }, 'a mail could not be composed')
      return { permanent: false, message: 'The mail could not be composed.', details: {} }
    }
  }
}

import type { InvitationEvent } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { isStillWelcome } from './credentials.ts'
import { readLog } from './log.ts'
import type { Store } from './store.ts'

/**
 * What the followers that one wake-up has woken need not each ask the database: most stand at the same
 * place, and many came with the same key. It keeps one batch, however many they are.
 */
export class Round {
  readonly #store: Store
  readonly #organizationId: string
  #batch: { after: number; rows: Promise<InvitationEvent[]> } | undefined
  #verdicts = new Map<string, Promise<boolean>>()
  #judgedAt = 0

  constructor(store: Store, organizationId: string) {
    this.#store = store
    this.#organizationId = organizationId
  }

  /** The next events after a position, at least up to where the log stood at the wake-up. */
  read(after: number, limit: number): Promise<InvitationEvent[]> {
    if (this.#batch?.after !== after) {
      this.#batch = { after, rows: readLog(this.#store.db, this.#organizationId, after, limit) }
    }
    return this.#batch.rows
  }

  /** Whether the viewer's credential is still good; asked anew in each millisecond. */
  async accepts(viewer: Viewer): Promise<boolean> {
    if (viewer.kind === 'anonymous') return true
    const now = Math.trunc(performance.now())
    if (now !== this.#judgedAt) {
      this.#judgedAt = now
      this.#verdicts.clear()
    }
    const credential = JSON.stringify(viewer)
    const verdict = this.#verdicts.get(credential) ?? isStillWelcome(this.#store, viewer)
    this.#verdicts.set(credential, verdict)
    return verdict
  }
}

import type { InvitationEvent } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { isStillWelcome } from './credentials.ts'
import { readLog } from './log.ts'
import type { Store } from './store.ts'

interface Batch {
  after: number
  /** A promise only while they are being read. */
  rows: InvitationEvent[] | Promise<InvitationEvent[]>
}

/**
 * What the followers that one wake-up has woken need not each ask the database: most stand at the same
 * place, and many came with the same key. It keeps one batch, however many they are, and answers without a
 * promise what one of them has asked before.
 */
export class Round {
  readonly #store: Store
  readonly #organizationId: string
  #batch: Batch | undefined
  #verdicts = new Map<string, boolean | Promise<boolean>>()
  #judgedAt = 0

  constructor(store: Store, organizationId: string) {
    this.#store = store
    this.#organizationId = organizationId
  }

  /** The next events after a position, at least up to where the log stood at the wake-up. */
  read(after: number, limit: number): InvitationEvent[] | Promise<InvitationEvent[]> {
    if (this.#batch?.after === after) return this.#batch.rows
    const rows = readLog(this.#store.db, this.#organizationId, after, limit)
    const batch: Batch = { after, rows }
    this.#batch = batch
    return rows.then((read) => {
      batch.rows = read
      return read
    })
  }

  /** Whether the viewer's credential is still good; asked anew in each millisecond. */
  accepts(viewer: Viewer): boolean | Promise<boolean> {
    if (viewer.kind === 'anonymous') return true
    const now = Math.trunc(performance.now())
    if (now !== this.#judgedAt) {
      this.#judgedAt = now
      this.#verdicts = new Map()
    }
    const credential = credentialOf(viewer)
    const known = this.#verdicts.get(credential)
    if (known !== undefined) return known
    const verdicts = this.#verdicts
    const verdict = isStillWelcome(this.#store, viewer).then((holds) => {
      verdicts.set(credential, holds)
      return holds
    })
    verdicts.set(credential, verdict)
    return verdict
  }
}

const credentials = new WeakMap<Viewer, string>()

/** What the verdict on a viewer depends on: not where they call from. */
export function credentialOf(viewer: Viewer): string {
  const known = credentials.get(viewer) ?? JSON.stringify({ ...viewer, address: undefined })
  credentials.set(viewer, known)
  return known
}

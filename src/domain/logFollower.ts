import { setImmediate as others } from 'node:timers/promises'
import type { InvitationEvent } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { Refusal } from './errors.ts'
import { cursorOf, positionOf } from './log.ts'
import { credentialOf, Round } from './round.ts'
import type { Store } from './store.ts'
import type { Wakeup } from './wakeups.ts'

const BATCH = 100

const rounds = new WeakMap<Wakeup, Round>()

export interface Wanted {
  invitationIds?: readonly string[] | null | undefined
  types?: readonly string[] | null | undefined
}

/** It holds nothing before its first `next`: a follower that nobody comes to read needs no `return`. */
export class LogFollower implements AsyncIterableIterator<InvitationEvent> {
  readonly #store: Store
  readonly #viewer: Viewer
  readonly #organizationId: string
  readonly #options: Wanted
  readonly #wanted: (event: InvitationEvent) => boolean
  #stopListening: (() => void) | undefined
  #round: Round
  #position: number
  #batch: Iterator<InvitationEvent, undefined> = [].values()
  #readTo: number
  #behind: boolean
  #ended = false
  #wake = () => {}

  /** From a position on: the head of the log as it was just now, or one before it. */
  constructor(
    store: Store,
    viewer: Viewer,
    organizationId: string,
    position: number,
    options: Wanted,
    isBehind = true,
  ) {
    this.#store = store
    this.#viewer = viewer
    this.#organizationId = organizationId
    this.#position = position
    this.#readTo = position
    this.#behind = isBehind
    this.#options = options
    this.#round = new Round(store, organizationId)
    const ids = options.invitationIds && new Set(options.invitationIds)
    const types = options.types && new Set(options.types)
    this.#wanted = (event) => (ids?.has(event.invitation_id) ?? true) && (types?.has(event.type) ?? true)
  }

  /** The last event that was delivered, or passed over; where to go on from. */
  get position() {
    return this.#position
  }

  get cursor() {
    return cursorOf({ organization_id: this.#organizationId, sequence: this.#position })
  }

  /** Whether there is nothing left that it knows of. */
  get isLive() {
    return !this.#behind && this.#position === this.#readTo
  }

  /** Those of whom this is the same are delivered the same from the same position on. */
  get kin() {
    const { invitationIds, types } = this.#options
    return JSON.stringify([this.#organizationId, credentialOf(this.#viewer), invitationIds, types])
  }

  /** Another that goes on from there. */
  at(position: number) {
    return new LogFollower(this.#store, this.#viewer, this.#organizationId, position, this.#options)
  }

  [Symbol.asyncIterator]() {
    return this
  }

  async next(): Promise<IteratorResult<InvitationEvent>> {
    if (!this.#ended) this.#stopListening ??= this.#listen()
    try {
      while (!this.#ended) {
        const { value: event } = this.#batch.next()
        if (event) {
          const isWanted = this.#wanted(event)
          if (isWanted) {
            const verdict = this.#round.accepts(this.#viewer)
            judge(verdict === true || (await verdict))
          }
          this.#position = event.sequence
          if (isWanted) return { done: false, value: event }
        } else if (this.#behind) await this.#read()
        else await this.#woken()
      }
    } catch (error) {
      await this.return()
      throw error
    }
    return { done: true, value: undefined }
  }

  /** Also ends a `next` that is waiting: a generator could not, its `return` would queue behind it. */
  async return(): Promise<IteratorResult<InvitationEvent>> {
    this.#ended = true
    this.#batch = [].values()
    this.#stopListening?.()
    this.#wake()
    return { done: true, value: undefined }
  }

  #listen() {
    // It may have grown since it was looked at.
    this.#behind = true
    return this.#store.wakeups.listen(this.#organizationId, (wakeup) => {
      const round = rounds.get(wakeup) ?? new Round(this.#store, this.#organizationId)
      rounds.set(wakeup, round)
      this.#round = round
      this.#behind = true
      this.#wake()
    })
  }

  #woken() {
    return new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  async #read() {
    // Before the read: what is committed meanwhile sets it again.
    this.#behind = false
    const verdict = this.#round.accepts(this.#viewer)
    judge(verdict === true || (await verdict))
    const read = this.#round.read(this.#position, BATCH)
    const batch = Array.isArray(read) ? read : await read
    // What stood between may have been pruned since: then this throws.
    if (batch[0] && batch[0].sequence !== this.#position + 1)
      await positionOf(this.#store, this.#organizationId, this.cursor)
    if (batch.length === BATCH) {
      this.#behind = true
      // A long way to catch up must not keep everybody else waiting.
      await others()
    }
    if (this.#ended) return
    this.#batch = batch.values()
    this.#readTo = batch.at(-1)?.sequence ?? this.#position
  }
}

/**
 * What the viewer may see is judged when it is delivered: not when they subscribed, nor when a batch was
 * read that a slow consumer takes its time over.
 */
function judge(holds: boolean) {
  if (!holds) throw new Refusal('UNAUTHENTICATED', 'The credential of this subscription is no longer valid.')
}

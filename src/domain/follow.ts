import type { InvitationEvent } from '#db/tables.ts'
import { authorize, maySee, type Viewer } from './access.ts'
import { holdsStill } from './apiKey.ts'
import { Refusal } from './errors.ts'
import type { EventType } from './invitation.ts'
import { cursorOf, positionOf, readLog } from './log.ts'
import type { Store } from './store.ts'

const BATCH = 100

export interface FollowOptions {
  /** The viewer's own if left out. */
  organizationId?: string | null | undefined
  /** Where to go on from; without it, only what happens from now on. */
  after?: string | null | undefined
  invitationIds?: readonly string[] | null | undefined
  types?: readonly EventType[] | null | undefined
}

/**
 * The organization's events from a cursor on: first what was missed, then each as it happens, with no gap
 * and no repeat. The follower pulls from the log when its consumer asks for more; what it has not read
 * waits in the database, so that a slow or stopped consumer costs no memory.
 */
export async function followLog(store: Store, viewer: Viewer, options: FollowOptions) {
  authorize(viewer, 'event:read')
  const organizationId = options.organizationId ?? viewer.organizationId
  if (!maySee(viewer, 'event:read', organizationId)) {
    throw new Refusal('NOT_FOUND', 'There is no such organization, or it is not yours to follow.')
  }
  const position =
    options.after == null
      ? await headOf(store, organizationId)
      : await positionOf(store, organizationId, options.after)
  return new LogFollower(store, viewer, organizationId, position, options)
}

async function headOf(store: Store, organizationId: string): Promise<number> {
  const organization = await store.db
    .selectFrom('organizations')
    .select('last_sequence')
    .where('id', '=', organizationId)
    .executeTakeFirstOrThrow()
  return organization.last_sequence
}

export class LogFollower implements AsyncIterableIterator<InvitationEvent> {
  readonly #store: Store
  readonly #viewer: Viewer
  readonly #organizationId: string
  readonly #wanted: (event: InvitationEvent) => boolean
  readonly #stopListening: () => void
  #position: number
  #batch: InvitationEvent[] = []
  #behind = true
  #ended = false
  #wake = () => {}

  constructor(
    store: Store,
    viewer: Viewer,
    organizationId: string,
    position: number,
    options: Pick<FollowOptions, 'invitationIds' | 'types'>,
  ) {
    this.#store = store
    this.#viewer = viewer
    this.#organizationId = organizationId
    this.#position = position
    const ids = options.invitationIds && new Set(options.invitationIds)
    const types = options.types && new Set<string>(options.types)
    this.#wanted = (event) => (ids?.has(event.invitation_id) ?? true) && (types?.has(event.type) ?? true)
    this.#stopListening = store.wakeups.listen(organizationId, () => {
      this.#behind = true
      this.#wake()
    })
  }

  /** The last event that was delivered, or passed over; where to go on from. */
  get cursor() {
    return cursorOf({ organization_id: this.#organizationId, sequence: this.#position })
  }

  [Symbol.asyncIterator]() {
    return this
  }

  async next(): Promise<IteratorResult<InvitationEvent>> {
    while (!this.#ended) {
      const event = this.#batch.shift()
      if (event) {
        this.#position = event.sequence
        if (this.#wanted(event)) return { done: false, value: event }
      } else if (this.#behind) {
        await this.#read()
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
    return { done: true, value: undefined }
  }

  /** Also ends a `next` that is waiting: a generator could not, its `return` would queue behind it. */
  async return(): Promise<IteratorResult<InvitationEvent>> {
    this.#ended = true
    this.#batch = []
    this.#stopListening()
    this.#wake()
    return { done: true, value: undefined }
  }

  async #read() {
    // Before the read: what is committed meanwhile sets it again.
    this.#behind = false
    try {
      await this.#checkViewer()
      const batch = await readLog(this.#store.db, this.#organizationId, this.#position, BATCH)
      if (this.#ended) return
      this.#batch = batch
      if (batch.length === BATCH) this.#behind = true
    } catch (error) {
      await this.return()
      throw error
    }
  }

  /** What the viewer may see is judged when it is delivered, not when they subscribed. */
  async #checkViewer() {
    if (await holdsStill(this.#store, this.#viewer)) return
    throw new Refusal('UNAUTHENTICATED', 'The API key of this subscription is no longer valid.')
  }
}

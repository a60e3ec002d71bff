import type { Logger } from 'pino'
import { followLink, type LinkView, viewLink } from '#domain/linkView.ts'
import type { Store } from '#domain/store.ts'
import { digestOf } from '#pages/invitation.ts'
import { grantCookieOf } from './guestCookie.ts'
import type { Guest } from './guestDesk.ts'
import { type EventStreams, type Frames, streamHeaders } from './sse.ts'

/** Pages that may follow their invitations at once; those beyond work without. */
const MAX_STREAMS = 2000
const MAX_STREAMS_OF_ADDRESS = 100

/** Tells open pages when what they show has changed, and nothing of what it is: they look for themselves. */
export class GuestStreams {
  readonly #store: Store
  readonly #streams: EventStreams
  readonly #log: Logger
  readonly #open = new Map<string, number>()
  #total = 0

  constructor(store: Store, streams: EventStreams, log: Logger) {
    this.#store = store
    this.#streams = streams
    this.#log = log
  }

  /** A stream of digests: first of how it stands, then of each change. */
  async response(guest: Guest, view: LinkView): Promise<Response> {
    const address = guest.viewer.address
    if (this.#total >= MAX_STREAMS || (this.#open.get(address) ?? 0) >= MAX_STREAMS_OF_ADDRESS) {
      return new Response('Too many pages follow invitations just now.\n', {
        status: 503,
        headers: { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '30' },
      })
    }
    const { viewer, request, token } = guest
    // Where the log stands comes before what the page looks like: what happens in between is told.
    const events = await followLink(this.#store, viewer, view)
    const look = () => viewLink(this.#store, viewer, token, grantCookieOf(request))
    // A stream that nobody comes to read is not counted.
    let leave = () => {}
    let told: string | undefined

    const next = async (): Promise<Frames> => {
      try {
        if (told === undefined) leave = this.#enter(address)
        while (told === undefined || !(await events.next()).done) {
          const now = await look()
          const digest = now ? digestOf(now) : 'gone'
          if (digest === told) continue
          told = digest
          if (!now) leave()
          return { text: `data: ${digest}\n\n`, last: !now }
        }
      } catch (error) {
        this.#log.error({ err: error, requestId: guest.requestId }, 'a page could not follow')
        await events.return()
      }
      leave()
      return { text: '', last: true }
    }
    const iterator = {
      return: () => {
        leave()
        return events.return()
      },
    }
    return new Response(this.#streams.stream(iterator, next), { headers: streamHeaders })
  }

  #enter(address: string): () => void {
    this.#total++
    this.#open.set(address, (this.#open.get(address) ?? 0) + 1)
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      this.#total--
      const left = (this.#open.get(address) ?? 1) - 1
      if (left > 0) this.#open.set(address, left)
      else this.#open.delete(address)
    }
  }
}

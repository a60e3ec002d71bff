import type { Viewer } from '#domain/access.ts'
import type { Store } from '#domain/store.ts'

/** What resolvers know of the operation that they serve; the same over HTTP, WebSocket and SSE. */
export interface Context {
  /** Names the request in answers and logs. */
  readonly requestId: string
  readonly store: Store
  readonly viewer: Viewer
  /** The languages that the caller reads, the most wanted first. */
  readonly locales: readonly string[]
  /** The base of the links that are handed to guests. */
  readonly publicUrl: string
  /** The last event that a reconnecting SSE client has seen: it outranks `after`. */
  readonly lastEventId: string | undefined
  /** What it loads with; new for each operation, and for each event of a subscription. */
  readonly loaders: Map<unknown, unknown>
  /** What its mutations have come to, by the names that the answer has for them: each is done once. */
  readonly outcomes: Map<string | number, unknown>
}

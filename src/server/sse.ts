import type { ExecutionResult } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Engine } from './engine.ts'

const PING_MS = 12_000
const encoder = new TextEncoder()
const COMMENT = encoder.encode(':\n\n')

export const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

/** Events as they travel, and whether the stream ends with them. */
export interface Frames {
  text: string
  last: boolean
}

/**
 * Subscriptions as server-sent events (the distinct connections mode of GraphQL over SSE), with what Yoga's
 * own leave out: each event has an `id`, its place in the log, by which a client resumes. An event is made
 * only when the client has taken the one before.
 */
export class EventStreams {
  readonly #engine: Engine
  readonly #open = new Set<() => void>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  plugin = (): Plugin => ({
    onResultProcess: ({ result, resultProcessor, setResultProcessor }) => {
      // Yoga has chosen to stream, by what the client accepts: only the stream is ours.
      if (!isAsyncIterable(result) || !resultProcessor) return
      setResultProcessor(
        (_, fetchAPI) =>
          new fetchAPI.Response(this.#results(result as AsyncIterable<ExecutionResult>), {
            headers: streamHeaders,
          }),
        'text/event-stream',
      )
    },
  })

  /**
   * Cuts every stream between two events, without the `complete` that would tell its client that nothing
   * more is to come: it connects again, and resumes from its last id.
   */
  close() {
    for (const cut of this.#open) cut()
  }

  #results(results: AsyncIterable<ExecutionResult>) {
    const iterator = results[Symbol.asyncIterator]()
    return this.stream(iterator, () => this.#next(iterator))
  }

  /**
   * The frames of what an iterator makes, one at a time. Holds nothing before it is read: of a client that has
   * gone meanwhile, nothing is left.
   */
  stream(
    iterator: Pick<AsyncIterator<unknown>, 'return'>,
    next: () => Promise<Frames>,
  ): ReadableStream<Uint8Array> {
    let ping: NodeJS.Timeout | undefined
    let cut = () => {}

    const end = () => {
      clearInterval(ping)
      this.#open.delete(cut)
    }
    const begin = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      cut = () => {
        end()
        controller.close()
        void iterator.return?.()
      }
      this.#open.add(cut)
      ping = setInterval(() => {
        // Only where the client waits: to one who does not read, nothing is added.
        if (controller.desiredSize === 0) controller.enqueue(COMMENT)
      }, PING_MS)
      // Some clients wait for a first byte before they report the stream as open.
      controller.enqueue(COMMENT)
    }
    const deliver = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      const frames = await next()
      if (!this.#open.has(cut)) return
      controller.enqueue(encoder.encode(frames.text))
      if (!frames.last) return
      end()
      controller.close()
    }

    return new ReadableStream<Uint8Array>(
      {
        pull: (controller) => (ping ? deliver(controller) : begin(controller)),
        cancel() {
          end()
          void iterator.return?.()
        },
      },
      { highWaterMark: 0 },
    )
  }

  async #next(iterator: AsyncIterator<ExecutionResult>): Promise<Frames> {
    const complete = 'event: complete\ndata:\n\n'
    try {
      const { done, value } = await iterator.next()
      if (done) return { text: complete, last: true }
      const cursor = this.#engine.cursorOf(value)
      return { text: `${cursor ? `id: ${cursor}\n` : ''}${next(value)}`, last: false }
    } catch (error) {
      return { text: `${next({ errors: [error] })}${complete}`, last: true }
    }
  }
}

const next = (result: object) => `event: next\ndata: ${JSON.stringify(result)}\n\n`

import type { ExecutionResult } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Engine } from './engine.ts'

const PING_MS = 12_000
const encoder = new TextEncoder()

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
    onResultProcess: ({ result, acceptableMediaTypes, setResultProcessor, request }) => {
      if (!isAsyncIterable(result) || !accepts(request, 'text/event-stream')) return
      acceptableMediaTypes.push('text/event-stream')
      setResultProcessor(
        (_, fetchAPI) =>
          new fetchAPI.Response(this.#stream(result as AsyncIterable<ExecutionResult>), {
            headers: {
              'content-type': 'text/event-stream; charset=utf-8',
              'cache-control': 'no-cache, no-transform',
              'x-accel-buffering': 'no',
            },
          }),
        'text/event-stream',
      )
    },
  })

  /** Ends every stream between two events; a client resumes from its last id. */
  close() {
    for (const end of this.#open) end()
  }

  #stream(results: AsyncIterable<ExecutionResult>): ReadableStream<Uint8Array> {
    const iterator = results[Symbol.asyncIterator]()
    let ping: NodeJS.Timeout
    const ended = () => {
      clearInterval(ping)
      this.#open.delete(end)
    }
    const end = () => {
      ended()
      void iterator.return?.()
    }
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#open.add(end)
          // Some clients wait for a first byte before they report the stream as open.
          controller.enqueue(encoder.encode(':\n\n'))
          ping = setInterval(() => {
            if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(':\n\n'))
          }, PING_MS)
        },
        pull: async (controller) => {
          try {
            const { done, value } = await iterator.next()
            if (!done) return controller.enqueue(encoder.encode(this.#frame(value)))
          } catch (error) {
            controller.enqueue(
              encoder.encode(`event: next\ndata: ${JSON.stringify({ errors: [error] })}\n\n`),
            )
          }
          ended()
          controller.enqueue(encoder.encode('event: complete\ndata:\n\n'))
          controller.close()
        },
        cancel: end,
      },
      { highWaterMark: 1 },
    )
  }

  #frame(result: ExecutionResult): string {
    const cursor = this.#engine.cursorOf(result)
    return `${cursor ? `id: ${cursor}\n` : ''}event: next\ndata: ${JSON.stringify(result)}\n\n`
  }
}

const accepts = (request: Request, type: string) => request.headers.get('accept')?.includes(type) ?? false

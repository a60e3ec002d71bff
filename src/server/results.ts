import type { ExecutionResult, GraphQLError } from 'graphql'

/** What a subscription brings, and its end where nobody wants more of it. */
export type Results = AsyncIterableIterator<ExecutionResult> &
  Required<Pick<AsyncIterator<ExecutionResult>, 'return'>>

/** The result of each event of a source; a failure of the source is the last of them, presented as any other. */
export function resultsOf<Event>(
  source: AsyncIterator<Event>,
  present: (error: unknown) => GraphQLError,
  resultOf: (event: Event) => ExecutionResult | Promise<ExecutionResult>,
): Results {
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      try {
        const event = await source.next()
        if (event.done) return { done: true, value: undefined }
        const result = resultOf(event.value)
        return { done: false, value: result instanceof Promise ? await result : result }
      } catch (error) {
        throw present(error)
      }
    },
    async return() {
      await source.return?.()
      return { done: true, value: undefined }
    },
  }
}

/**
 * Delivers the results itself, one by one, once the first of them is asked for: to the one who asks there are
 * none, only their end. What lies between a library and its hooks would take longer than all that is left to
 * do. It is called back when there are no more of them, for whatever reason.
 */
export function delivered(
  results: Results,
  deliver: (result: ExecutionResult) => Promise<void> | undefined,
  ended: () => void,
): Results {
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      try {
        for (;;) {
          const result = await results.next()
          if (result.done) {
            ended()
            return result
          }
          const sending = deliver(result.value)
          if (sending) await sending
        }
      } catch (error) {
        ended()
        throw error
      }
    },
    return() {
      ended()
      return results.return()
    },
  }
}

import type { ExecutionResult, GraphQLError } from 'graphql'

/** What a subscription brings, and its end where nobody wants more of it. */
export type Results = AsyncIterableIterator<ExecutionResult> &
  Required<Pick<AsyncIterator<ExecutionResult>, 'return'>>

/** The results, whose source may fail: its failure is the last of them, presented as any other error. */
export function presentFailures(results: Results, present: (error: unknown) => GraphQLError): Results {
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      try {
        return await results.next()
      } catch (error) {
        throw present(error)
      }
    },
    return: () => results.return(),
  }
}

/** The same results; it is called back when there are no more of them, for whatever reason. */
export function endingWith(results: Results, ended: () => void): Results {
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      try {
        const result = await results.next()
        if (result.done) ended()
        return result
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

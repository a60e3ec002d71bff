import type { ExecutionResult, GraphQLError } from 'graphql'
import { LogFollower } from '#domain/logFollower.ts'
import type { Delivery } from '#schema/invitationEvent.ts'
import { Crowd, type Deliver, type ResultOf } from './crowd.ts'

interface Telling {
  /** What the event comes to for all who are told the same. */
  resultOf: ResultOf
  /** The result as this one is told it: errors name the request that they are told to. */
  present: (result: ExecutionResult) => ExecutionResult
  presentError: (error: unknown) => GraphQLError
  /** Of those who are told the same, by what they follow. */
  crowds: Map<string, Crowd>
}

/** The result of each event of a source; a failure of the source is the last of them, presented as any other. */
export class Results implements AsyncIterableIterator<ExecutionResult> {
  #source: AsyncIterator<Delivery>
  readonly #telling: Telling
  #isEnded = false
  #leave = () => {}

  constructor(source: AsyncIterator<Delivery>, telling: Telling) {
    this.#source = source
    this.#telling = telling
  }

  [Symbol.asyncIterator]() {
    return this
  }

  async next(): Promise<IteratorResult<ExecutionResult>> {
    const { resultOf, present, presentError } = this.#telling
    try {
      const event = await this.#source.next()
      if (event.done) return { done: true, value: undefined }
      const result = resultOf(event.value)
      return { done: false, value: present(result instanceof Promise ? await result : result) }
    } catch (error) {
      throw presentError(error)
    }
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    this.#isEnded = true
    this.#leave()
    await this.#source.return?.()
    return { done: true, value: undefined }
  }

  /** Has results delivered together with those of others, as long as it has nothing to catch up on. */
  async deliverTogether(deliver: Deliver) {
    const { crowds, resultOf, present } = this.#telling
    while (!this.#isEnded && this.#source instanceof LogFollower) {
      const follower = this.#source
      const { position } = follower
      const crowd = Crowd.of(crowds, follower, resultOf)
      if (!crowd?.hasAllAfter(position)) return
      void follower.return()
      const gone = Promise.withResolvers<void>()
      const member = {
        position,
        deliver: (result: ExecutionResult) => deliver(present(result)),
        left: gone.resolve,
      }
      this.#leave = () => crowd.leave(member)
      crowd.join(member)
      await gone.promise
      this.#leave = () => {}
      if (!this.#isEnded) this.#source = follower.at(member.position)
    }
  }
}

/**
 * Delivers the results itself, one by one, once the first of them is asked for: to the one who asks there are
 * none, only their end. What lies between a library and its hooks would take longer than all that is left to
 * do. It is called back when there are no more of them, for whatever reason.
 */
export function delivered(
  results: Results,
  deliver: Deliver,
  ended: () => void,
): Required<Pick<AsyncIterableIterator<ExecutionResult>, 'next' | 'return' | typeof Symbol.asyncIterator>> {
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      try {
        for (;;) {
          await results.deliverTogether(deliver)
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

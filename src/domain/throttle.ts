import type { Database } from '#db/client.ts'
import { memoryRateLimiter } from '#db/rateLimiter.ts'
import { isSignedIn, type Viewer } from './access.ts'
import { RateLimitedError } from './errors.ts'
import type { Limits } from './limits.ts'

const SECONDS = 60

/** How often callers may try. Never to be asked inside a transaction: it waits for one of its own. */
export interface Throttle {
  /**
   * Looks up what a token is for. Each token that is for nothing costs the caller's address one of its
   * attempts, and an address without any is refused before the look-up, so that nobody learns by it whether
   * a guess was right. Tokens that are for something cost nothing. All processes on the database share the count.
   */
  lookUp<Found>(viewer: Viewer, find: () => Promise<Found>): Promise<Found>
  /** Counts a mutation of a key or a user, or of an address where a token is enough. Each process counts for itself: this is for its own protection. */
  mutation(viewer: Viewer): Promise<void>
}

/** The throttle of a store. */
export function createThrottle(
  { rateLimiter }: Pick<Database, 'rateLimiter'>,
  limits: Pick<Limits, 'unknownTokensPerMinute' | 'mutationsPerMinute'>,
): Throttle {
  const unknownTokens = rateLimiter({
    name: 'unknownToken',
    attempts: limits.unknownTokensPerMinute,
    seconds: SECONDS,
  })
  const mutations = memoryRateLimiter({
    name: 'mutation',
    attempts: limits.mutationsPerMinute,
    seconds: SECONDS,
  })
  const inTurn = turns()

  return {
    lookUp: (viewer, find) => {
      const address = viewer.address ?? 'unknown'
      // One by one for each address: guesses sent all at once would all be looked up before one is counted.
      return inTurn(address, async () => {
        refuseFor(await unknownTokens.wait(address))
        const found = await find()
        if (found == null) refuseFor(await unknownTokens.spend(address))
        return found
      })
    },
    async mutation(viewer) {
      refuseFor(await mutations.spend(isSignedIn(viewer) ? viewer.actorId : (viewer.address ?? 'unknown')))
    },
  }
}

function refuseFor(ms: number) {
  if (ms > 0) throw new RateLimitedError(Math.ceil(ms / 1000))
}

/** Runs what is given for the same key one after the other, in the order in which it was given. */
function turns() {
  const last = new Map<string, Promise<unknown>>()
  return <Result>(key: string, work: () => Promise<Result>): Promise<Result> => {
    const turn = last.get(key)?.then(work) ?? work()
    const end = () => {
      if (last.get(key) === ended) last.delete(key)
    }
    const ended = turn.then(end, end)
    last.set(key, ended)
    return turn
  }
}

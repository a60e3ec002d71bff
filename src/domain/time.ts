/** Later ones have years of five digits, which RFC 3339 does not write. */
export const LAST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** Where instants come from; tests bring their own. */
export interface Time {
  now(): number
  /** Calls back at, or soon after, the instant; the answer cancels it. */
  at(instant: number, callback: () => void): () => void
}

/** What `setTimeout` can hold; a later instant is reached in steps. */
const LONGEST_WAIT = 2_147_483_647

export const systemTime: Time = {
  now: () => Date.now(),
  at(instant, callback) {
    const wait = () => Math.min(Math.max(instant - Date.now(), 0), LONGEST_WAIT)
    const check = () => {
      if (Date.now() >= instant) callback()
      else timer = setTimeout(check, wait())
    }
    let timer = setTimeout(check, wait())
    return () => clearTimeout(timer)
  },
}

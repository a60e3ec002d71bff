import { EVENTS } from './kinds.js'

/**
 * Follows the organization's log from a cursor on: each event once, in order, whatever the connection does.
 * `hear` has `event`, and `failure` for what ends it: the server's errors, or how the socket was closed for
 * good; nothing where the server has just ended it. Answers with what stops it.
 */
export function followLog(api, head, hear) {
  let cursor = head
  let sequence
  let someHidden = false
  let stopped = false

  const variables = {
    // The client reads it anew whenever it subscribes, so after each loss of the connection: it goes on from
    // the last event seen. With a plain value it would ask again for all since the page was loaded.
    get after() {
      return cursor
    },
  }

  function next({ data, errors }) {
    if (stopped) return
    const event = data?.invitationEvents
    if (!event) {
      // Of a kind that this key may not see: the log has it all the same.
      if (errors[0].extensions.code === 'FORBIDDEN') someHidden = true
      else fail(errors)
      return
    }
    // Numbers without a gap: who counts knows that nothing is missing, and that nothing came twice.
    if (sequence && !someHidden && event.sequence !== sequence + 1) return fail([OUT_OF_STEP])
    sequence = event.sequence
    someHidden = false
    cursor = event.cursor
    hear.event(event)
  }

  function fail(failure) {
    if (stopped) return
    stop()
    hear.failure(failure)
  }

  const unsubscribe = api.subscribe(
    { query: EVENTS, variables },
    { next, error: fail, complete: () => fail() },
  )

  function stop() {
    stopped = true
    unsubscribe()
  }
  return stop
}

/** Cannot happen; and if it does, what stands in the lists is what to go on from, as with a lost cursor. */
const OUT_OF_STEP = { message: 'The log has a gap.', extensions: { code: 'CURSOR_OUT_OF_RANGE' } }

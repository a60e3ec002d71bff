import { createClient } from 'graphql-ws/client'

// Relative to the page: it need not know where it is served.
const endpoint = new URL('graphql', document.baseURI)
const socketEndpoint = Object.assign(new URL(endpoint), {
  protocol: endpoint.protocol.replace('http', 'ws'),
})

/** How long the server may leave a ping unanswered before the connection counts as dead. */
const PONG_MS = 5_000
const PING_MS = 15_000
const LONGEST_WAIT_MS = 15_000

/**
 * A failure of a whole call, as against the expected ones, which are members of a mutation's union.
 * Its `code` is what programs look at, its message what people read.
 */
class ApiError extends Error {
  constructor(code, message) {
    super(message)
    this.code = code
  }
}

/** The API with one key: operations by POST, subscriptions over one WebSocket. `onState` hears how that is. */
export function connect(key, onState) {
  const authorization = `Bearer ${key}`

  /** Runs a query or mutation, and answers with its data. */
  async function run(query, variables, signal) {
    const answer = await post({ query, variables }, authorization, signal)
    const [error] = answer.errors ?? []
    if (error) throw new ApiError(error.extensions?.code, error.message)
    return answer.data
  }

  let closed = false
  let dead
  const client = createClient({
    url: socketEndpoint.href,
    // The first message, not the address, carries the key: addresses end up in logs.
    connectionParams: { authorization },
    // Some time without a subscription is no reason to close, such as between one and the next.
    lazyCloseTimeout: 10_000,
    // It gives up by itself on what is for good, such as a wrong key (4401). All else passes.
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: pause,
    // A connection can die without a word, as when a laptop sleeps. Pings find out.
    keepAlive: PING_MS,
    on: {
      connected: () => closed || onState('live'),
      closed: () => closed || onState('waiting'),
      ping(received) {
        if (!received) dead = setTimeout(() => client.terminate(), PONG_MS)
      },
      pong(received) {
        if (received) clearTimeout(dead)
      },
    },
  })

  function close() {
    closed = true
    // It rejects where a connection was being made that nobody wants any more.
    Promise.resolve(client.dispose()).catch(() => {})
  }

  return { run, subscribe: client.subscribe, close }
}

async function post(body, authorization, signal) {
  let response
  try {
    response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        authorization,
      },
      body: JSON.stringify(body),
      signal,
    })
  } catch (error) {
    if (error.name === 'AbortError') throw error
    throw new ApiError('UNREACHABLE', 'The server cannot be reached. Try again: nothing is done twice.')
  }
  // Whatever its status, an answer of the API is JSON; what a proxy says instead is not.
  const answer = await response.json().catch(() => undefined)
  return answer ?? { errors: [{ message: `The server answered with status ${response.status}.` }] }
}

/**
 * Longer each time, and never the same: clients that were cut off together would else come back together.
 * Once the browser is online again, waiting makes no sense.
 */
function pause(retries) {
  const longest = Math.min(LONGEST_WAIT_MS, 400 * 2 ** retries)
  return new Promise((resolve) => {
    setTimeout(resolve, longest * (0.5 + Math.random() / 2))
    addEventListener('online', resolve, { once: true })
  })
}

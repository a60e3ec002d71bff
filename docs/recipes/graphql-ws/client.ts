import { createClient } from 'graphql-ws'
import { resuming } from './resume.ts'

const { LATCHKEY_URL = 'http://127.0.0.1:4000', LATCHKEY_KEY } = process.env

const wait = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms))
let pongMissing: NodeJS.Timeout

export const client = resuming(
  createClient({
    url: `${LATCHKEY_URL.replace(/^http/, 'ws')}/graphql`,
    connectionParams: { apiKey: LATCHKEY_KEY },
    // Without this, a network that fails is given up at once: only a close that the server sent is tried again.
    shouldRetry: () => true,
    // For as long as it takes, and not all clients at the same instant.
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => wait(Math.min(10_000, 200 * 2 ** retries) * Math.random()),
    // A network that is gone says nothing: a server that does not answer within 5 s is left.
    keepAlive: 10_000,
    on: {
      ping: (received) => {
        if (!received) pongMissing = setTimeout(() => client.terminate(), 5_000)
      },
      pong: (received) => {
        if (received) clearTimeout(pongMissing)
      },
      closed: () => clearTimeout(pongMissing),
    },
  }),
)

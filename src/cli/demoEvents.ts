import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

const PATIENCE_MS = 5000
const EVENTS = `subscription ($after: String) {
  invitationEvents(after: $after) { sequence type status invitation { ... on Invite { name } } }
}`

interface Followed {
  url: string
  key: string
  after: string | undefined
  onEvent: (line: string) => void
}

/** Follows the organization's log over a WebSocket, as any client would. */
export function follow({ url, key, after, onEvent }: Followed) {
  const types = new Set<string>()
  const waiting = new Set<() => void>()
  let failure: Error | undefined
  const wake = () => {
    for (const look of [...waiting]) look()
  }
  const fail = (reason: unknown) => {
    failure =
      reason instanceof Error ? reason : new Error(`the subscription ended: ${JSON.stringify(reason)}`)
    wake()
  }

  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { apiKey: key },
    retryAttempts: 0,
  })
  client.subscribe<{ invitationEvents: Event }>(
    { query: EVENTS, variables: { after } },
    {
      next({ data, errors }) {
        if (!data) return fail(errors)
        const { sequence, type, status, invitation } = data.invitationEvents
        onEvent(`event ${sequence}: ${type}, ${invitation.name} is ${status}`)
        types.add(type)
        wake()
      },
      error: fail,
      complete: () => fail(new Error('the subscription ended')),
    },
  )

  return {
    /** Resolves once an event of this type has come. */
    heard: (type: string) =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => done(new Error(`no event ${type} came`)), PATIENCE_MS)
        const done = (error?: Error) => {
          clearTimeout(timer)
          waiting.delete(look)
          error ? reject(error) : resolve()
        }
        const look = () => {
          if (types.has(type)) done()
          else if (failure) done(failure)
        }
        waiting.add(look)
        look()
      }),
    stop: () => Promise.resolve(client.dispose()),
  }
}

interface Event {
  sequence: number
  type: string
  status: string
  invitation: { name: string | null }
}

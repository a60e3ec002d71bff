import { createClient } from 'graphql-sse'
import { resuming } from '../graphql-ws/resume.ts'

const { LATCHKEY_URL = 'http://127.0.0.1:4000', LATCHKEY_KEY } = process.env

let refusal: string | undefined

const client = resuming(
  createClient({
    url: `${LATCHKEY_URL}/graphql`,
    headers: { authorization: `Bearer ${LATCHKEY_KEY}` },
    // A server out of reach is tried for as long as it takes, by not all clients at the same instant; one that
    // refuses, as with a key that is not good, is not.
    retryAttempts: Number.POSITIVE_INFINITY,
    async retry(retries) {
      if (refusal) throw new Error(refusal)
      await wait(Math.min(10_000, 200 * 2 ** retries) * Math.random())
    },
    async fetchFn(...request: Parameters<typeof fetch>) {
      const response = await fetch(...request)
      if (response.status >= 400 && response.status < 500) refusal = await response.clone().text()
      return response
    },
  }),
)
const wait = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms))

const page = await client
  .iterate<{ organization: Page | null }>({
    query: `{ organization { eventCursor invites(first: 20) { edges { node { name status uses } } } } }`,
  })
  .next()
if (!page.value?.data?.organization) throw new Error(JSON.stringify(page.value?.errors))
const { eventCursor, invites } = page.value.data.organization
for (const { node } of invites.edges) console.log(`${node.name}: ${node.status}, ${node.uses} uses`)

client.subscribe<{ invitationEvents: Event }>(
  {
    query: `subscription ($after: String) {
      invitationEvents(after: $after) { cursor sequence type status }
    }`,
    variables: { after: eventCursor },
  },
  {
    next({ data, errors }) {
      if (!data) return console.error(errors)
      const { sequence, type, status } = data.invitationEvents
      console.log(`event ${sequence}: ${type}, ${status}`)
    },
    error: (reason) => console.error('given up:', reason),
    complete: () => console.log('the server has ended the subscription'),
  },
)

interface Page {
  eventCursor: string
  invites: { edges: { node: { name: string | null; status: string; uses: number } }[] }
}

type Event = { cursor: string; sequence: number; type: string; status: string }

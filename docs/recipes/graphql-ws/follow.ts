import { client } from './client.ts'

// The list, and together with it the place in the log from which on events are news to it.
const page = await client
  .iterate<{ organization: Page | null }>({
    query: `{ organization { eventCursor invites(first: 20) { edges { node { name status uses } } } } }`,
  })
  .next()
  .catch(({ code, reason }) => {
    throw new Error(`${code} ${reason}`)
  })
if (!page.value?.data?.organization) throw new Error(JSON.stringify(page.value?.errors))
const { eventCursor, invites } = page.value.data.organization
for (const { node } of invites.edges) console.log(`${node.name}: ${node.status}, ${node.uses} uses`)

client.subscribe<{ invitationEvents: Event }>(
  {
    query: `subscription ($after: String) {
      invitationEvents(after: $after) { cursor sequence type status invitation { id ... on Invite { name } } }
    }`,
    variables: { after: eventCursor },
  },
  {
    next({ data, errors }) {
      // The server refused. With CURSOR_OUT_OF_RANGE, load the list anew.
      if (!data) return console.error(errors)
      const { sequence, type, status, invitation } = data.invitationEvents
      console.log(`event ${sequence}: ${type}, ${invitation.name ?? invitation.id} is ${status}`)
    },
    // Not the network, which is tried again: a key that is not good, or a document.
    error: (reason) => console.error('given up:', reason),
    complete: () => console.log('the server has ended the subscription'),
  },
)

interface Page {
  eventCursor: string
  invites: { edges: { node: { name: string | null; status: string; uses: number } }[] }
}

interface Event {
  cursor: string
  sequence: number
  type: string
  status: string
  invitation: { id: string; name?: string | null }
}

import { client } from './client.ts'

// The list, and together with it the place in the log from which on events are news to it.
const page = await client
  .iterate<{ organization: Page }>({
    query: `{ organization { eventCursor invites(first: 20) { edges { node { name status uses } } } } }`,
  })
  .next()
if (!page.value?.data) throw new Error(JSON.stringify(page.value?.errors))
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
      if (!data) return console.error(errors)
      const { sequence, type, status, invitation } = data.invitationEvents
      console.log(`event ${sequence}: ${type}, ${invitation.name ?? invitation.id} is ${status}`)
    },
    // Not the network, which is tried again: the server refused. With CURSOR_OUT_OF_RANGE, load the list anew.
    error: (reason) => console.error('refused:', reason),
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

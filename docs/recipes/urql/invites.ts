import { readFileSync } from 'node:fs'
import { Client, fetchExchange, gql, subscriptionExchange } from '@urql/core'
import { cacheExchange } from '@urql/exchange-graphcache'
import { buildSchema, introspectionFromSchema } from 'graphql'
import { client as socket } from '../graphql-ws/client.ts'

const { LATCHKEY_URL = 'http://127.0.0.1:4000', LATCHKEY_KEY } = process.env

// What a row shows: asked for by the list and by the events alike, so that each event is the row's new state.
const row = gql`
  fragment Row on Invite {
    id
    name
    status
    uses
  }
`
const Invites = gql`
  query Invites {
    organization {
      id
      eventCursor
      invites(first: 20) {
        edges {
          node {
            ...Row
          }
        }
      }
    }
  }
  ${row}
`
const Events = gql`
  subscription Events($after: String) {
    invitationEvents(after: $after) {
      cursor
      type
      invitation {
        id
        status
        ...Row
      }
    }
  }
  ${row}
`

const cache = cacheExchange({
  // Tells which types are an Invitation, a Node or a UserError. A build writes it into a file.
  schema: introspectionFromSchema(buildSchema(readFileSync('schema.graphql', 'utf8'))),
  // They have no id and belong to what they are in.
  keys: {
    InvitationEvent: () => null,
    InvitationPreview: () => null,
    LocalizedText: () => null,
    Allowance: () => null,
    InputIssue: () => null,
  },
  updates: {
    Subscription: {
      // A change of an invite that the cache knows needs nothing: it has an id. A new one joins the list.
      invitationEvents({ invitationEvents }, _, cache) {
        const { type, invitation } = invitationEvents as unknown as Event
        if (type !== 'CREATED' || invitation.__typename !== 'Invite') return
        cache.updateQuery<Data>({ query: Invites }, (data) => {
          const edges = data?.organization.invites.edges
          if (!edges?.some(({ node }) => node.id === invitation.id)) {
            edges?.unshift({ __typename: 'InviteEdge', node: invitation })
          }
          return data
        })
      },
    },
  },
})

const client = new Client({
  url: `${LATCHKEY_URL}/graphql`,
  preferGetMethod: false,
  fetchOptions: { headers: { authorization: `Bearer ${LATCHKEY_KEY}` } },
  exchanges: [
    cache,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query = '', variables }) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
      }),
    }),
  ],
})

const first = await client.query<Data>(Invites, {})
if (!first.data) throw first.error

// Now, and whenever the cache has changed.
client.query<Data>(Invites, {}).subscribe(({ data }) => {
  const rows = data?.organization.invites.edges.map(({ node }) => `${node.name} ${node.status} ${node.uses}`)
  console.log(rows?.join(', '))
})
client.subscription(Events, { after: first.data.organization.eventCursor }).subscribe(({ error }) => {
  if (error) console.error(error.message)
})

interface Invite {
  __typename: string
  id: string
  name: string | null
  status: string
  uses: number
}

interface Data {
  organization: { eventCursor: string; invites: { edges: { __typename: string; node: Invite }[] } }
}

interface Event {
  type: string
  invitation: Invite
}

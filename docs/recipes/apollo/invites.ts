import { readFileSync } from 'node:fs'
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache, Scalar } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { relayStylePagination } from '@apollo/client/utilities'
import { buildSchema, getNamedType, isInterfaceType, isObjectType } from 'graphql'
import { client as socket } from '../graphql-ws/client.ts'

const { LATCHKEY_URL = 'http://127.0.0.1:4000', LATCHKEY_KEY } = process.env

// What the cache must know of the schema. A build writes it into a file.
const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))
const types = Object.values(schema.getTypeMap())
const possibleTypes = Object.fromEntries(
  types.filter(isInterfaceType).map((type) => [type.name, schema.getPossibleTypes(type).map(String)]),
)
const scalarFields = types.filter(isObjectType).map((type) => {
  const fields = Object.values(type.getFields()).map((field) => [field.name, getNamedType(field.type).name])
  const scalars = fields.filter(([, name]) => name === 'DateTime' || name === 'URL')
  return [type.name, Object.fromEntries(scalars.map(([field, scalar]) => [field, { scalar }]))] as const
})

declare module '@apollo/client' {
  namespace ApolloCache {
    interface Scalars {
      DateTime: { serialized: string; parsed: Date }
      URL: { serialized: string; parsed: URL }
    }
  }
}

const cache = new InMemoryCache({
  possibleTypes,
  scalars: {
    DateTime: new Scalar({ parse: (text) => new Date(text), serialize: (date) => date.toISOString() }),
    URL: new Scalar({ parse: (text) => new URL(text), serialize: String }),
  },
  typePolicies: {
    ...Object.fromEntries(scalarFields.map(([name, fields]) => [name, { fields }])),
    // Pages join in one list for each filter.
    Organization: {
      fields: {
        ...scalarFields.find(([name]) => name === 'Organization')?.[1],
        invites: relayStylePagination(['filter']),
      },
    },
  },
})

const client = new ApolloClient({
  cache,
  link: ApolloLink.split(
    ({ operationType }) => operationType === 'subscription',
    new GraphQLWsLink(socket),
    new HttpLink({ uri: `${LATCHKEY_URL}/graphql`, headers: { authorization: `Bearer ${LATCHKEY_KEY}` } }),
  ),
})

const row = gql`
  fragment Row on Invite {
    id
    name
    status
    uses
    createdAt
  }
`
const Invites = gql`
  query Invites($after: String) {
    organization {
      id
      eventCursor
      invites(first: 2, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        edges {
          cursor
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

const { data } = await client.query<Data>({ query: Invites })
if (!data) throw new Error('nothing came')

// Now, and whenever the cache has changed.
const list = client.watchQuery<Data>({ query: Invites })
list.subscribe(({ data }) => {
  const { edges } = (data as Data | undefined)?.organization.invites ?? { edges: [] }
  console.log(edges.map(({ node }) => `${node.name} ${node.status} ${node.uses}`).join(', '))
  // No longer a text, but a Date.
  if (edges[0] && !(edges[0].node.createdAt instanceof Date)) throw new Error('DateTime is not mapped')
})

const { eventCursor, invites } = data.organization
if (invites.pageInfo.hasNextPage) await list.fetchMore({ variables: { after: invites.pageInfo.endCursor } })

client
  .subscribe<{ invitationEvents: Event }>({ query: Events, variables: { after: eventCursor } })
  .subscribe({
    // A change of an invite that the cache knows needs nothing: it has an id. A new one joins the list.
    next({ data, error }) {
      if (!data) return console.error(error?.message)
      const { type, invitation, cursor } = data.invitationEvents
      if (type !== 'CREATED' || invitation.__typename !== 'Invite') return
      cache.updateQuery<Data>({ query: Invites }, (known) => {
        const edges = known?.organization.invites.edges ?? []
        if (!known || edges.some(({ node }) => node.id === invitation.id)) return known
        const edge = { __typename: 'InviteEdge', cursor, node: invitation }
        const { organization } = known
        return {
          organization: { ...organization, invites: { ...organization.invites, edges: [edge, ...edges] } },
        }
      })
    },
  })

interface Invite {
  __typename: string
  id: string
  name: string | null
  status: string
  uses: number
  createdAt: Date
}

interface Data {
  organization: {
    eventCursor: string
    invites: {
      pageInfo: { hasNextPage: boolean; endCursor: string | null }
      edges: { __typename: string; cursor: string; node: Invite }[]
    }
  }
}

type Event = { cursor: string; type: string; invitation: Invite }

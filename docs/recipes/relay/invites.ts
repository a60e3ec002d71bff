import relay, { type GraphQLResponse } from 'relay-runtime'
import { client as socket } from '../graphql-ws/client.ts'
import type { invites_organization$key } from './__generated__/invites_organization.graphql.ts'
import type { invitesPageQuery } from './__generated__/invitesPageQuery.graphql.ts'
import type { invitesQuery } from './__generated__/invitesQuery.graphql.ts'
import type { invitesSubscription } from './__generated__/invitesSubscription.graphql.ts'

const { LATCHKEY_URL = 'http://127.0.0.1:4000', LATCHKEY_KEY } = process.env
const { ConnectionHandler, Environment, graphql, Network, Observable, RecordSource, Store } = relay

const environment = new Environment({
  store: new Store(new RecordSource()),
  network: Network.create(
    async ({ text: query }, variables) => {
      const response = await fetch(`${LATCHKEY_URL}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${LATCHKEY_KEY}` },
        body: JSON.stringify({ query, variables }),
      })
      return (await response.json()) as GraphQLResponse
    },
    ({ text, name }, variables) =>
      Observable.create<GraphQLResponse>((sink) => {
        const next = (result: object) => sink.next(result as GraphQLResponse)
        return socket.subscribe({ query: text ?? name, variables }, { ...sink, next })
      }),
  ),
})

const query = graphql`
  query invitesQuery {
    organization {
      id
      eventCursor
      ...invites_organization
    }
  }
`
const list = graphql`
  fragment invites_organization on Organization
  @refetchable(queryName: "invitesPageQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
    invites(first: $count, after: $cursor) @connection(key: "list_invites") {
      edges {
        node {
          name
          status
          uses
        }
      }
    }
  }
`
const events = graphql`
  subscription invitesSubscription($after: String) {
    invitationEvents(after: $after) {
      cursor
      type
      invitation {
        __typename
        status
        ... on Invite {
          name
          uses
        }
      }
    }
  }
`

// In React this is useLazyLoadQuery and usePaginationFragment: read, and told of every change.
const operation = relay.createOperationDescriptor(relay.getRequest(query), {})
environment.retain(operation)
const data = await relay.fetchQuery<invitesQuery>(environment, query, {}).toPromise()
const organization = data?.organization
if (!organization) throw new Error('nothing came')
const selector = relay.getSingularSelector(relay.getFragment(list), organization as invites_organization$key)
if (!selector) throw new Error('the query has not asked for the list')
const snapshot = environment.lookup(selector)
const show = ({ data }: Pick<typeof snapshot, 'data'>) => {
  const { edges } = (data as unknown as List).invites
  console.log(edges.map(({ node }) => `${node.name} ${node.status} ${node.uses}`).join(', '))
}
show(snapshot)
environment.subscribe(snapshot, show)

// The next page, by the query that @refetchable has made: node(id:) with the fragment below it.
const { pageInfo } = (snapshot.data as unknown as List).invites
if (pageInfo.hasNextPage) {
  const variables = { id: organization.id, cursor: pageInfo.endCursor }
  const page = relay.getRefetchMetadata(relay.getFragment(list), 'invites').refetchableRequest
  await relay.fetchQuery<invitesPageQuery>(environment, page, variables).toPromise()
}

relay.requestSubscription<invitesSubscription>(environment, {
  subscription: events,
  variables: { after: organization.eventCursor },
  onError: (error) => console.error(error.message),
  // A change of an invite that the store knows needs nothing: it has an id. A new one joins the list.
  updater(store, data) {
    const event = data?.invitationEvents
    if (event?.type !== 'CREATED' || event.invitation.__typename !== 'Invite') return
    const parent = store.get(organization.id)
    const connection = parent && ConnectionHandler.getConnection(parent, 'list_invites')
    const invite = store.getRootField('invitationEvents')?.getLinkedRecord('invitation')
    if (!connection || !invite) return
    const edge = ConnectionHandler.createEdge(store, connection, invite, 'InviteEdge')
    ConnectionHandler.insertEdgeBefore(connection, edge)
  },
})

interface List {
  invites: {
    pageInfo: { hasNextPage: boolean; endCursor: string | null }
    edges: { node: { name: string | null; status: string; uses: number } }[]
  }
}

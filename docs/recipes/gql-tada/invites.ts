import type { ResultOf, TadaDocumentNode, VariablesOf } from 'gql.tada'
import { print } from 'graphql'
import { graphql } from './graphql.ts'

const { LATCHKEY_URL = 'http://127.0.0.1:4000', LATCHKEY_KEY } = process.env

/** One query or mutation; what it takes and gives has the types of its document. */
export async function ask<Result, Variables>(
  document: TadaDocumentNode<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const response = await fetch(`${LATCHKEY_URL}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${LATCHKEY_KEY}` },
    body: JSON.stringify({ query: print(document), variables }),
  })
  const { data, errors } = (await response.json()) as { data: Result; errors?: Error[] }
  if (errors) throw new Error(errors.map(({ message }) => message).join(' '))
  return data
}

const Doors = graphql(`
  query Doors {
    organization {
      integrations(first: 1) {
        edges { node { id portals(first: 1) { edges { node { id name } } } } }
      }
    }
  }
`)
export const CreateInvite = graphql(`
  mutation CreateInvite($input: CreateInviteInput!) {
    createInvite(input: $input) {
      __typename
      ... on CreateInvitePayload { inviteUrl invite { name status validTo } }
      ... on InvalidInputError { issues { path message } }
      ... on UserError { message }
    }
  }
`)

const { organization } = await ask(Doors, {})
const integration = organization?.integrations.edges[0]?.node
const portal = integration?.portals.edges[0]?.node
if (!integration || !portal) throw new Error('There is no portal yet.')

const input: VariablesOf<typeof CreateInvite>['input'] = {
  integrationId: integration.id,
  portalIds: [portal.id],
  name: 'Typed',
  expiresIn: '1w',
}
const { createInvite } = await ask(CreateInvite, { input })
console.log(told(createInvite))

function told(result: ResultOf<typeof CreateInvite>['createInvite']): string {
  switch (result.__typename) {
    case 'CreateInvitePayload':
      return `${result.invite.name} is ${result.invite.status}: ${result.inviteUrl}`
    case 'InvalidInputError':
      return result.issues.map(({ path, message }) => `${path}: ${message}`).join('\n')
    default:
      return result.message
  }
}

import { graphql } from './__generated__/gql.ts'
import type { TypedDocumentString } from './__generated__/graphql.ts'

const { LATCHKEY_URL = 'http://127.0.0.1:4000', LATCHKEY_KEY } = process.env

/** Runs a document by its id: the text stays at home, and the server runs no other. */
async function ask<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const response = await fetch(`${LATCHKEY_URL}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${LATCHKEY_KEY}` },
    body: JSON.stringify({ documentId: document.__meta__?.hash, variables }),
  })
  const { data, errors } = (await response.json()) as { data: Result; errors?: Error[] }
  if (errors) throw new Error(errors.map(({ message }) => message).join(' '))
  return data
}

const Invites = graphql(`
  query Invites($first: Int!) {
    organization {
      name
      invites(first: $first) {
        edges { node { name status validTo usesRemaining } }
      }
    }
  }
`)

const { organization } = await ask(Invites, { first: 20 })
for (const { node } of organization?.invites.edges ?? []) {
  console.log(
    `${node.name}: ${node.status} until ${node.validTo ?? 'revoked'}, ${node.usesRemaining ?? 'any number of'} uses left`,
  )
}

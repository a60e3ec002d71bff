import { type CallOptions, type TestApp, testApp } from '../kit/app.ts'
import { type Estate, estate } from '../kit/estate.ts'
import { goodInputs } from '../kit/mutations.ts'

const CONNECTION = `connection {
  id status acceptedAt requestedBy { id name } requestedOf { id name } scopesGiven scopesTaken
}`

/** Asks to be connected: the connection, or what was wrong. */
export async function request(app: TestApp, key: string, organizationId: string, scopes?: string[]) {
  const { data } = await app.call(
    `mutation ($input: RequestOrganizationConnectionInput!) { requestOrganizationConnection(input: $input) {
      ... on RequestOrganizationConnectionPayload { ${CONNECTION} } ... on UserError { code message }
    } }`,
    { input: { organizationId, scopes } },
    { key },
  )
  const { connection, ...error } = data.requestOrganizationConnection
  return connection ?? error
}

export const accept = (app: TestApp, key: string, id: string, scopes?: string[]) =>
  app.call(
    `mutation ($input: AcceptOrganizationConnectionInput!) { acceptOrganizationConnection(input: $input) {
      ... on AcceptOrganizationConnectionPayload { ${CONNECTION} } ... on UserError { code message }
    } }`,
    { input: { id, scopes } },
    { key },
  )

export const disconnect = (app: TestApp, key: string, id: string) =>
  app.call(
    `mutation ($id: ID!) { disconnectOrganization(input: { id: $id }) {
      ... on DisconnectOrganizationPayload { disconnectedId } ... on UserError { code message }
    } }`,
    { id },
    { key },
  )

/** What connected organizations show each other. */
export const READ = `{
  viewer { organization { id } target { id } }
  organization {
    id
    integrations { edges { node { name portals { totalCount } } } }
    guestInvitations { edges { node { email } } }
  }
}`

/** A mutation that is good in the estate, telling only what became of it. */
export function attempt(app: TestApp, mutation: string, of: Estate, options: { key: string }) {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`
  const document = `mutation ($input: ${type}!) { found: ${mutation}(input: $input) { __typename ... on UserError { code } } }`
  return app.call(document, { input: goodInputs(of)[mutation] }, options)
}

export const NOTHING = { integrations: null, guestInvitations: null, invites: null }

/** Two organizations in which everything has happened once, and calls of the one for the other. */
export async function neighbours() {
  const app = await testApp()
  const acme = await estate(app)
  const other = await estate(app, 'Other')
  const as = (key: string, headers: Record<string, string> = {}) => ({ key, headers })
  const forAcme = as(other.key, { 'target-organization-id': acme.id })
  const forOther = as(acme.key, { 'target-organization-id': other.id })
  return { app, acme, other, as, forAcme, forOther }
}

export const codesOf = ({ errors }: { errors: { extensions: Record<string, unknown> }[] }) =>
  errors.map(({ extensions }) => extensions.code)

/** What may be read of the organization that a call is for: how many, or null where it is refused. */
export async function readable(app: TestApp, options: CallOptions) {
  const found: Record<string, number | null> = {}
  for (const list of ['integrations', 'guestInvitations', 'invites']) {
    const { data } = await app.call(`{ organization { ${list} { totalCount } } }`, {}, options)
    found[list] = data?.organization?.[list].totalCount ?? null
  }
  return found
}

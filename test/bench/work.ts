import { START } from '#db/seedCourses.ts'
import { numbersOf, type SeedSize, seededId, seededToken } from '#db/seedIds.ts'

/** The kinds of work that are measured over HTTP; F, the fan-out, is measured over sockets. */
export const kinds = ['P', 'N', 'L', 'W'] as const
export type Kind = (typeof kinds)[number]

export const titles: Record<Kind, string> = {
  P: 'point: `invitationPreview(token)` without a key',
  N: 'nested: 10 integrations, their 10 portals, their first 5 invites',
  L: 'list: 50 invites with integration and portals, by cursor',
  W: 'write: `createInvite` with 2 portals and an idempotency key, 32 in flight',
}

/** What one request asks: the raw server takes the variables alone, and answers with the same bytes. */
export interface Asked {
  query: string
  operationName: string
  variables: Record<string, unknown>
}

/** The request, and for which organization, counted from 1, it is made. */
export interface Sample extends Asked {
  organization: number | undefined
}

const POINT = `query P($token: String!) {
  invitationPreview(token: $token) { organizationName name expiresAt status } }`

/** With other sizes than 10, 10 and 5 to see how the cost grows. */
export const nested = (integrations = 10, portals = 10, invites = 5) => `query N($id: ID!) {
  organization(id: $id) { id name integrations(first: ${integrations}) { edges { node { id name
    portals(first: ${portals}) { edges { node { id name
      invites(first: ${invites}) { edges { node { id name status validTo } } } } } } } } } } }`

export const list = (first = 50) => `query L($id: ID!, $after: String) {
  organization(id: $id) { id invites(first: ${first}, after: $after) {
    edges { cursor node { id name status integration { name } portals { id name } } }
    pageInfo { hasNextPage endCursor } } } }`

const WRITE = `mutation W($input: CreateInviteInput!) {
  createInvite(input: $input) { ... on CreateInvitePayload { invite { id } token inviteUrl replayed } } }`

export const EVENTS = `subscription F { invitationEvents {
  sequence type status invitation { id ... on Invite { name validTo } } } }`

export const REVOKE = `mutation R($input: RevokeInviteInput!) {
  revokeInvite(input: $input) { ... on RevokeInvitePayload { invite { id status } } } }`

const SAMPLES = 2000

/** A repeatable choice of requests, spread over all that was seeded. */
export function samplesOf(kind: Kind, size: SeedSize): Sample[] {
  return Array.from({ length: SAMPLES }, (_, index) => sample(kind, size, index))
}

function sample(kind: Kind, size: SeedSize, index: number): Sample {
  const organization = (index % size.organizations) + 1
  const id = seededId('org', organization)
  const own = numbersOf(size, organization)
  const place = own.first + ((index * 7919) % (own.last - own.first + 1))
  switch (kind) {
    case 'P': {
      const token = seededToken(((index * 7919) % size.invites) + 1)
      return { operationName: 'P', query: POINT, variables: { token }, organization: undefined }
    }
    case 'N':
      return { operationName: 'N', query: nested(), variables: { id }, organization }
    case 'L': {
      const after = index % 10 === 0 ? null : cursor(inviteId(size, place))
      return { operationName: 'L', query: list(), variables: { id, after }, organization }
    }
    case 'W': {
      const integration = (organization - 1) * 10 + (index % 10) + 1
      const portal = (integration - 1) * 10 + (index % 9) + 1
      const input = {
        integrationId: seededId('integration', integration),
        portalIds: [seededId('portal', portal), seededId('portal', portal + 1)],
        name: `Bench invite ${index}`,
        validTo: '2031-01-01T00:00:00.000Z',
        // Made unique for each request by the load: it counts in place of the signs.
        idempotencyKey: 'bench-########',
      }
      return { operationName: 'W', query: WRITE, variables: { input }, organization }
    }
  }
}

const HALF_A_YEAR = 180 * 86_400_000

/** The id of the n-th seeded invite: it holds the time at which it was made. */
const inviteId = (size: SeedSize, n: number) =>
  seededId('invite', n, START + Math.floor((n * HALF_A_YEAR) / size.invites))

const cursor = (id: string) => Buffer.from(JSON.stringify([id])).toString('base64url')

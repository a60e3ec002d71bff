import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { schema } from '#schema/schema.ts'
import type { Estate } from '../kit/estate.ts'
import { documentOf, goodInputs, mutationFields } from '../kit/mutations.ts'
import { ARGUMENTS, type Needs, needsOf, needsOfType, nodeTypes } from './policy.ts'

type IdType = keyof Estate['ids']

/** One field of the schema: how it is asked for, and what its description says is needed. */
export interface Sample {
  /** As in `Organization.invites`. */
  name: string
  kind: 'query' | 'field' | 'mutation' | 'subscription'
  /** What leads to the field, beside what it needs itself. */
  path: string[]
  needs: Needs
  document: string
  variables: (of: Estate) => object
}

/** The arguments of each root field, and what to read from it. */
const ROOTS: Record<string, [args: string, idType?: IdType | undefined]> = {
  organization: ['(id: $id) { id }', 'Organization'],
  invite: ['(id: $id) { id }', 'Invite'],
  guestInvitation: ['(id: $id) { id }', 'GuestInvitation'],
  viewer: ['{ __typename }'],
  invitationPreview: ['(token: $id) { kind }'],
  inviteStatusChanged: ['(id: $id) { id }', 'Invite'],
  guestInvitationStatusChanged: ['(id: $id) { id }', 'GuestInvitation'],
  memberInvitation: ['(id: $id) { id }', 'MemberInvitation'],
  memberInvitationStatusChanged: ['(id: $id) { id }', 'MemberInvitation'],
  joinLink: ['(id: $id) { id }', 'JoinLink'],
}

export function samples(): Sample[] {
  return [
    ...rootSamples('query'),
    ...nodeSamples(),
    ...fieldSamples(),
    ...mutationSamples(),
    ...subscriptions(),
  ]
}

const rootsOf = (kind: 'query' | 'subscription') =>
  Object.values((kind === 'query' ? schema.getQueryType() : schema.getSubscriptionType())?.getFields() ?? {})

/** What `node` and `nodes` need is said by the type of what is asked for. */
const rootSamples = (kind: 'query' | 'subscription') =>
  rootsOf(kind)
    .filter(({ name }) => !['node', 'nodes', 'invitationEvents'].includes(name))
    .map((field): Sample => {
      const [rest, idType] = ROOTS[field.name] ?? missing(field.name)
      return {
        name: field.name,
        kind,
        path: [],
        needs: needsOf(field) ?? missing(field.name),
        document: `${kind} ${rest.includes('$id') ? `($id: ${idType ? 'ID' : 'String'}!)` : ''} { found: ${field.name}${rest} }`,
        variables: ({ ids, inviteToken }) => ({ id: idType ? ids[idType] : inviteToken }),
      }
    })

const subscriptions = (): Sample[] => {
  const field = rootsOf('subscription').find(({ name }) => name === 'invitationEvents')
  return [
    ...rootSamples('subscription'),
    {
      name: 'invitationEvents',
      kind: 'subscription',
      path: [],
      needs: (field && needsOf(field)) ?? missing('invitationEvents'),
      document: `subscription ($id: ID!, $after: String!) { found: invitationEvents(organizationId: $id, after: $after) { sequence } }`,
      variables: ({ id }) => ({ id, after: Buffer.from(`${id}:0`).toString('base64url') }),
    },
  ]
}

const nodeSamples = () =>
  nodeTypes.flatMap((type): Sample[] =>
    ['node(id: $id) { __typename }', 'nodes(ids: [$id]) { __typename }'].map((selection) => ({
      name: `${selection.startsWith('nodes') ? 'nodes' : 'node'} of ${type}`,
      kind: 'query',
      path: [],
      needs: needsOfType(type),
      document: `query ($id: ID!) { found: ${selection} }`,
      variables: ({ ids }) => ({ id: ids[type.name as IdType] ?? missing(type.name) }),
    })),
  )

/** Every field of an object whose description says that it needs something. */
const fieldSamples = () =>
  Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((type) => !roots.has(type) && !type.name.startsWith('__'))
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => needsOf(field))
        .map((field) => fieldSample(type, field)),
    )

const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])

function fieldSample(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): Sample {
  const name = `${type}.${field.name}`
  const args = field.args.some(isRequiredArgument) ? (ARGUMENTS[name] ?? missing(name)) : ''
  const selection = isLeafType(getNamedType(field.type)) ? '' : '{ __typename }'
  return {
    name,
    kind: 'field',
    path: needsOfType(type).permissions,
    needs: needsOf(field) ?? missing(name),
    document: `query ($id: ID!) { found: node(id: $id) { ... on ${type} { ${field.name}${args}${selection} } } }`,
    variables: ({ ids }) => ({ id: ids[type.name as IdType] ?? missing(name) }),
  }
}

/** What names its organization does so: another one's is what a stranger asks for. */
const NAMED = ['createIntegration', 'createGuestInvitation', 'updateOrganization']

const mutationSamples = () =>
  mutationFields().map(
    (field): Sample => ({
      name: field.name,
      kind: 'mutation',
      path: [],
      needs: needsOf(field) ?? missing(field.name),
      document: documentOf(field.name).replace(`${field.name}(`, `found: ${field.name}(`),
      variables: (of) => ({
        input: {
          ...(goodInputs(of)[field.name] ?? missing(field.name)),
          ...(NAMED.includes(field.name) && { organizationId: of.id }),
          // Not wider than a key that may do just this.
          ...(field.name === 'createApiKey' && { scopes: ['API_KEY_CREATE'] }),
          ...(field.name === 'createJoinLink' && { role: 'GUEST' }),
        },
      }),
    }),
  )

function missing(name: string): never {
  throw new Error(
    `${name} is new: say in its description what it needs, or that it is public, and ask for it here.`,
  )
}

import type { OrganizationConnection as ConnectionRow } from '#db/tables.ts'
import { isSignedIn, type Permission as PermissionName, type Viewer } from '#domain/access.ts'
import { ConflictError, InvalidInputError, NotFoundError, RateLimitedError } from '#domain/errors.ts'
import {
  acceptConnection,
  acceptConnectionInput,
  disconnectOrganization,
  disconnectOrganizationInput,
  requestConnection,
  requestConnectionInput,
} from '#domain/organizationConnection.ts'
import {
  connectionsOf,
  findConnections,
  type OrganizationProfile as ProfileShape,
  profilesOf,
} from '#domain/organizationConnectionList.ts'
import { builder } from './builder.ts'
import { connectionOf } from './connection.ts'
import { IDEMPOTENCY_KEY } from './idempotencyKey.ts'
import { contextLoader } from './loader.ts'
import { nodeRef } from './node.ts'
import { Organization } from './organization.ts'
import { Permission } from './permission.ts'

/** What two connected organizations may always know of each other. */
const OrganizationProfile = builder.objectRef<ProfileShape>('OrganizationProfile').implement({
  description: 'What may be known of an organization that one is connected with.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id: what Target-Organization-ID takes.' }),
    name: t.exposeString('name', {
      nullable: true,
      description: 'Its name; null where it was asked to be connected, and has not accepted.',
    }),
  }),
})

const ConnectionStatus = builder.enumType('OrganizationConnectionStatus', {
  description: 'Where a connection stands.',
  values: {
    REQUESTED: { description: 'One organization has asked for it.' },
    CONNECTED: { description: 'The other has accepted.' },
  },
})

const profiles = contextLoader<string, ProfileShape>((ids, { store, viewer }) =>
  profilesOf(store, viewer, ids),
)

const OrganizationConnection = nodeRef<ConnectionRow>('OrganizationConnection', (ids, { store, viewer }) =>
  findConnections(store, viewer, ids),
)

OrganizationConnection.implement({
  description:
    'Two organizations that may see each other’s portals and guest invitations. Needs `connection:read`.',
  fields: (t) => ({
    requestedBy: t.field({
      type: OrganizationProfile,
      description: 'Who asked for it.',
      resolve: (connection, _, context) => profiles(context).load(connection.host_id),
    }),
    requestedOf: t.field({
      type: OrganizationProfile,
      description: 'Who was asked.',
      resolve: (connection, _, context) => profiles(context).load(connection.guest_id),
    }),
    status: t.field({
      type: ConnectionStatus,
      description: 'Where it stands.',
      resolve: (connection) => (connection.accepted_at === null ? 'REQUESTED' : 'CONNECTED'),
    }),
    scopesGiven: t.field({
      type: [Permission],
      description: 'What the viewer’s organization lets the other do beside reading.',
      resolve: (connection, _, { viewer }) => allowedBy(connection, sidesOf(connection, viewer).own),
    }),
    scopesTaken: t.field({
      type: [Permission],
      description: 'What the other organization lets the viewer’s do beside reading.',
      resolve: (connection, _, { viewer }) => allowedBy(connection, sidesOf(connection, viewer).other),
    }),
    createdAt: t.expose('created_at', { type: 'DateTime', description: 'When it was asked for.' }),
    acceptedAt: t.expose('accepted_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was accepted; null if it is not yet.',
    }),
  }),
})

const allowedBy = (connection: ConnectionRow, side: string) =>
  JSON.parse(
    connection.host_id === side ? connection.host_allows : connection.guest_allows,
  ) as PermissionName[]

/** The viewer's side and the other one; where they only look at it, the side that they act for. */
function sidesOf({ host_id, guest_id }: ConnectionRow, viewer: Viewer) {
  const acting = isSignedIn(viewer) ? [viewer.organizationId, viewer.target?.organizationId] : []
  const own = acting.find((id) => id === host_id || id === guest_id)
  return own === guest_id ? { own: guest_id, other: host_id } : { own: host_id, other: guest_id }
}

const ConnectionEdge = builder.edgeObject({
  name: 'OrganizationConnectionEdge',
  description: 'A connection in a list.',
  type: OrganizationConnection,
})

const ConnectionConnection = builder.connectionObject(
  {
    name: 'OrganizationConnectionConnection',
    description: 'A page of connections between organizations.',
    type: OrganizationConnection,
  },
  ConnectionEdge,
)

builder.objectFields(Organization, (t) => ({
  connections: t.connection(
    {
      type: OrganizationConnection,
      description:
        'The organizations that it is, or is to be, connected with, newest first. Needs `connection:read`.',
      resolve: ({ id }, args, context, info) =>
        connectionOf<ConnectionRow>(context, info, connectionsOf, { id, organization_id: id }, args),
    },
    ConnectionConnection,
    ConnectionEdge,
  ),
}))

const payload = (name: string, description: string) =>
  builder.objectRef<{ connection: ConnectionRow }>(name).implement({
    description,
    fields: (t) => ({
      connection: t.expose('connection', { type: OrganizationConnection, description: 'As it is now.' }),
    }),
  })

const SCOPES = 'What the other organization may do here beside reading; nothing if left out.'

const RequestConnectionInput = builder.inputType('RequestOrganizationConnectionInput', {
  description: 'With whom to be connected.',
  fields: (t) => ({
    organizationId: t.id({ required: true, description: 'The other organization.' }),
    scopes: t.field({ type: [Permission], description: SCOPES }),
    idempotencyKey: t.string({
      description: IDEMPOTENCY_KEY,
    }),
  }),
  validate: { schema: requestConnectionInput },
})

builder.mutationField('requestOrganizationConnection', (t) =>
  t.field({
    type: payload('RequestOrganizationConnectionPayload', 'The connection that was asked for.'),
    description: 'Asks another organization to be connected. Needs `connection:request`.',
    args: { input: t.arg({ type: RequestConnectionInput, required: true, description: 'With whom.' }) },
    errors: { types: [InvalidInputError, NotFoundError, ConflictError, RateLimitedError] },
    resolve: async (_, { input }, { store, viewer }) => ({
      connection: await requestConnection(store, viewer, input),
    }),
  }),
)

const AcceptConnectionInput = builder.inputType('AcceptOrganizationConnectionInput', {
  description: 'Which connection to accept.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id.' }),
    scopes: t.field({ type: [Permission], description: SCOPES }),
  }),
  validate: { schema: acceptConnectionInput },
})

builder.mutationField('acceptOrganizationConnection', (t) =>
  t.field({
    type: payload('AcceptOrganizationConnectionPayload', 'The connection that was accepted.'),
    description: 'Accepts a connection that another organization has asked for. Needs `connection:accept`.',
    args: { input: t.arg({ type: AcceptConnectionInput, required: true, description: 'Which one.' }) },
    errors: { types: [InvalidInputError, NotFoundError, ConflictError, RateLimitedError] },
    resolve: async (_, { input }, { store, viewer }) => ({
      connection: await acceptConnection(store, viewer, input),
    }),
  }),
)

const DisconnectInput = builder.inputType('DisconnectOrganizationInput', {
  description: 'Which connection to end.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
  validate: { schema: disconnectOrganizationInput },
})

const DisconnectPayload = builder
  .objectRef<{ disconnectedId: string }>('DisconnectOrganizationPayload')
  .implement({
    description: 'The connection is no more.',
    fields: (t) => ({ disconnectedId: t.exposeID('disconnectedId', { description: 'The id that it had.' }) }),
  })

builder.mutationField('disconnectOrganization', (t) =>
  t.field({
    type: DisconnectPayload,
    description:
      'Ends a connection, or takes back or turns down the wish for one. Needs `connection:disconnect`.',
    args: { input: t.arg({ type: DisconnectInput, required: true, description: 'Which one.' }) },
    errors: { types: [InvalidInputError, NotFoundError, RateLimitedError] },
    resolve: (_, { input }, { store, viewer }) => disconnectOrganization(store, viewer, input.id),
  }),
)

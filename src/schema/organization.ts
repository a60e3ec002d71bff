import type { Organization as OrganizationRow } from '#db/tables.ts'
import { anonymous, isSignedIn, maySee, requireSignIn, targetOf } from '#domain/access.ts'
import { ConflictError, InvalidInputError, RateLimitedError } from '#domain/errors.ts'
import {
  type CreatedOrganization,
  childrenOf,
  createOrganization,
  createOrganizationInput,
} from '#domain/organization.ts'
import { builder } from './builder.ts'
import { connectionOf } from './connection.ts'
import './errors.ts'
import { IDEMPOTENCY_KEY } from './idempotencyKey.ts'
import { checkedId, nodeRef, rowsOf } from './node.ts'
import { refuseUnseen } from './onceShown.ts'

export const Organization = nodeRef('Organization', rowsOf<OrganizationRow>('organizations'))

Organization.implement({
  description: 'Who invites: everything else belongs to one. Needs `organization:read`.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    color: t.exposeString('color', {
      nullable: true,
      description: 'The colour of the pages that guests see, as `#rrggbb`; null where none is chosen.',
    }),
    version: t.exposeInt('version', {
      description:
        'Counts its changes: pass it as `expectedVersion` to change what you have seen, or be told.',
    }),
    createdAt: t.expose('created_at', { type: 'DateTime', description: 'When it was made.' }),
    parent: t.field({
      type: Organization,
      nullable: true,
      description: 'The organization that it is below; null at the top, or where the viewer may not see it.',
      resolve: ({ parent_id: id }, _, context) =>
        id && maySee(context.viewer, 'organization:read', id) ? Organization.loader(context).load(id) : null,
    }),
  }),
})

const ChildEdge = builder.edgeObject({
  name: 'ChildOrganizationEdge',
  description: 'An organization in a list of those below one.',
  type: Organization,
})

const ChildConnection = builder.connectionObject(
  {
    name: 'ChildOrganizationConnection',
    description: 'A page of the organizations below one.',
    type: Organization,
  },
  ChildEdge,
)

builder.objectFields(Organization, (t) => ({
  children: t.connection(
    {
      type: Organization,
      description:
        'The organizations below it, oldest first; what is in one is seen by calls for it (Target-Organization-ID). Needs `organization:read`.',
      resolve: ({ id }, args, context, info) =>
        connectionOf<OrganizationRow>(context, info, childrenOf, { id, organization_id: id }, args),
    },
    ChildConnection,
    ChildEdge,
  ),
}))

builder.queryField('organization', (t) =>
  t.field({
    type: Organization,
    nullable: true,
    description:
      'The organization with this id, or the viewer’s own; null where the viewer may not see it. Needs `organization:read`.',
    args: { id: t.arg.id({ description: 'The viewer’s own organization if left out.' }) },
    resolve: (_, { id }, context) => {
      const { viewer } = context
      requireSignIn(viewer)
      const loader = Organization.loader(context)
      if (id != null) return loader.load(checkedId('Organization', id))
      return isSignedIn(viewer) ? loader.load(targetOf(viewer)) : null
    },
  }),
)

const CreateOrganizationInput = builder.inputType('CreateOrganizationInput', {
  description: 'The organization to make.',
  fields: (t) => ({
    name: t.string({ required: true, description: '1 to 200 characters.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: createOrganizationInput },
})

const CreateOrganizationPayload = builder
  .objectRef<CreatedOrganization>('CreateOrganizationPayload')
  .implement({
    description: 'The organization that was made.',
    fields: (t) => ({
      organization: t.expose('organization', { type: Organization, description: 'The new organization.' }),
      apiKey: t.exposeString('apiKey', {
        nullable: true,
        description: 'Its first key, role ORG_ADMIN: who acts for it uses this. A secret, shown this once.',
      }),
      replayed: t.exposeBoolean('replayed', {
        description: 'Whether an earlier call with this idempotency key did the work; then apiKey is null.',
      }),
    }),
  })

builder.mutationField('createOrganization', (t) =>
  t.field({
    type: CreateOrganizationPayload,
    description:
      'Makes an organization below the viewer’s own (for an OPERATOR, one at the top), with its own first key. Names are unique among the organizations below one. Needs `organization:create`.',
    args: { input: t.arg({ type: CreateOrganizationInput, required: true, description: 'What to make.' }) },
    errors: { types: [InvalidInputError, ConflictError, RateLimitedError] },
    resolve: (_, { input }, { store, viewer }, info) => {
      requireSignIn(viewer)
      // The new organization is another than the viewer's.
      refuseUnseen(info, { viewer: anonymous, seeReferences: true })
      return createOrganization(store, viewer, input)
    },
  }),
)

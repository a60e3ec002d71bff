import type { Integration as IntegrationRow } from '#db/tables.ts'
import {
  AmbiguousNameError,
  ConflictError,
  InvalidInputError,
  NotFoundError,
  RateLimitedError,
} from '#domain/errors.ts'
import {
  type CreatedIntegration,
  createIntegration,
  createIntegrationInput,
  integrationByName,
  integrationsOf,
} from '#domain/integration.ts'
import type { nameMatches } from '#domain/nameLookup.ts'
import { builder } from './builder.ts'
import { connectionOf } from './connection.ts'
import { IDEMPOTENCY_KEY, REPLAYED } from './idempotencyKey.ts'
import { nodeRef, rowsOf } from './node.ts'
import { Organization } from './organization.ts'
import { seen } from './permission.ts'

export const Integration = nodeRef('Integration', rowsOf<IntegrationRow>('integrations'))

Integration.implement({
  description: 'A place or a system with portals that invites can open. Needs `integration:read`.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name, unique in the organization whatever its case.' }),
    organization: t.field({
      type: Organization,
      description: 'Whose it is.',
      ...Integration.reads(['organization_id'], ({ organization_id: id }, _, context) =>
        seen(context, 'organization:read', id, Organization.loader(context).load(id)),
      ),
    }),
    createdAt: t.expose('created_at', { type: 'DateTime', description: 'When it was made.' }),
  }),
})

const IntegrationEdge = builder.edgeObject({
  name: 'IntegrationEdge',
  description: 'An integration in a list.',
  type: Integration,
})

const IntegrationConnection = builder.connectionObject(
  { name: 'IntegrationConnection', description: 'A page of integrations.', type: Integration },
  IntegrationEdge,
)

export const NameMatch = builder.enumType('NameMatch', {
  description: 'How a name is compared.',
  values: {
    EXACT: { description: 'Equal after trimming and lower-casing.' },
    FUZZY: { description: 'Contains the text, whatever its case.' },
  } satisfies Record<(typeof nameMatches)[number], object>,
})

builder.objectFields(Organization, (t) => ({
  integrations: t.connection(
    {
      type: Integration,
      description: 'Its integrations, oldest first. Needs `integration:read`.',
      args: { search: t.arg.string({ description: 'Part of the name, whatever its case.' }) },
      resolve: (organization, args, context, info) =>
        connectionOf<IntegrationRow>(
          context,
          info,
          integrationsOf(args.search),
          { id: organization.id, organization_id: organization.id },
          args,
        ),
    },
    IntegrationConnection,
    IntegrationEdge,
  ),
  integrationByName: t.field({
    type: Integration,
    description: 'Find an integration by its name. A blank name finds nothing. Needs `integration:read`.',
    args: {
      name: t.arg.string({ required: true, description: 'The name, or with FUZZY a part of it.' }),
      match: t.arg({ type: NameMatch, defaultValue: 'EXACT', description: 'How names are compared.' }),
    },
    errors: {
      types: [NotFoundError, AmbiguousNameError],
      union: { name: 'IntegrationLookup', description: 'The integration, or why there is not one.' },
    },
    resolve: (organization, { name, match }, { store, viewer }) =>
      integrationByName(store, viewer, organization.id, { name, match: match ?? 'EXACT' }),
  }),
}))

const CreateIntegrationInput = builder.inputType('CreateIntegrationInput', {
  description: 'The integration to make.',
  fields: (t) => ({
    organizationId: t.id({ description: 'Whose it is to be; the viewer’s own organization if left out.' }),
    name: t.string({ required: true, description: '1 to 200 characters, unique in the organization.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: createIntegrationInput },
})

const CreateIntegrationPayload = builder.objectRef<CreatedIntegration>('CreateIntegrationPayload').implement({
  description: 'The integration that was made.',
  fields: (t) => ({
    integration: t.expose('integration', { type: Integration, description: 'The new integration.' }),
    replayed: t.exposeBoolean('replayed', { description: REPLAYED }),
  }),
})

builder.mutationField('createIntegration', (t) =>
  t.field({
    type: CreateIntegrationPayload,
    description: 'Makes an integration. Needs `integration:create`.',
    args: { input: t.arg({ type: CreateIntegrationInput, required: true, description: 'What to make.' }) },
    errors: { types: [InvalidInputError, NotFoundError, ConflictError, RateLimitedError] },
    resolve: (_, { input }, { store, viewer }) => createIntegration(store, viewer, input),
  }),
)

import type { Portal as PortalRow } from '#db/tables.ts'
import {
  AmbiguousNameError,
  ConflictError,
  InvalidInputError,
  NotFoundError,
  RateLimitedError,
} from '#domain/errors.ts'
import type { PageArgs } from '#domain/page.ts'
import {
  type CreatedPortal,
  createPortal,
  createPortalInput,
  portalByName,
  portalsOf,
} from '#domain/portal.ts'
import { builder } from './builder.ts'
import { connectionOf } from './connection.ts'
import { IDEMPOTENCY_KEY, REPLAYED } from './idempotencyKey.ts'
import { Integration, NameMatch } from './integration.ts'
import { nodeRef, rowsOf } from './node.ts'
import { seen } from './permission.ts'

export const Portal = nodeRef('Portal', rowsOf<PortalRow>('portals'))

Portal.implement({
  description: 'A door, gate or login of an integration. Needs `portal:read`.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name, unique in the integration whatever its case.' }),
    integration: t.field({
      type: Integration,
      description: 'What it belongs to.',
      ...Portal.reads(
        ['organization_id', 'integration_id'],
        ({ organization_id, integration_id: id }, _, context) =>
          seen(context, 'integration:read', organization_id, Integration.loader(context).load(id)),
      ),
    }),
    createdAt: t.expose('created_at', { type: 'DateTime', description: 'When it was made.' }),
  }),
})

const PortalEdge = builder.edgeObject({
  name: 'PortalEdge',
  description: 'A portal in a list.',
  type: Portal,
})

const PortalConnection = builder.connectionObject(
  { name: 'PortalConnection', description: 'A page of portals.', type: Portal },
  PortalEdge,
)

builder.objectFields(Integration, (t) => ({
  portals: t.connection(
    {
      type: Portal,
      description: 'Its portals, oldest first. Needs `portal:read`.',
      args: { search: t.arg.string({ description: 'Part of the name, whatever its case.' }) },
      ...Integration.reads(
        ['id', 'organization_id'],
        (integration, args: PageArgs & { search?: string | null | undefined }, context, info) =>
          connectionOf<PortalRow>(context, info, portalsOf(args.search), integration, args),
      ),
    },
    PortalConnection,
    PortalEdge,
  ),
  portalByName: t.field({
    type: Portal,
    description: 'Find a portal by its name. A blank name finds nothing. Needs `portal:read`.',
    args: {
      name: t.arg.string({ required: true, description: 'The name, or with FUZZY a part of it.' }),
      match: t.arg({ type: NameMatch, defaultValue: 'EXACT', description: 'How names are compared.' }),
    },
    errors: {
      types: [NotFoundError, AmbiguousNameError],
      union: { name: 'PortalLookup', description: 'The portal, or why there is not one.' },
    },
    resolve: (integration, { name, match }, { store, viewer }) =>
      portalByName(store, viewer, integration, { name, match: match ?? 'EXACT' }),
  }),
}))

const CreatePortalInput = builder.inputType('CreatePortalInput', {
  description: 'The portal to make.',
  fields: (t) => ({
    integrationId: t.id({ required: true, description: 'What it belongs to.' }),
    name: t.string({ required: true, description: '1 to 200 characters, unique in the integration.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: createPortalInput },
})

const CreatePortalPayload = builder.objectRef<CreatedPortal>('CreatePortalPayload').implement({
  description: 'The portal that was made.',
  fields: (t) => ({
    portal: t.expose('portal', { type: Portal, description: 'The new portal.' }),
    replayed: t.exposeBoolean('replayed', { description: REPLAYED }),
  }),
})

builder.mutationField('createPortal', (t) =>
  t.field({
    type: CreatePortalPayload,
    description: 'Makes a portal. Needs `portal:create`.',
    args: { input: t.arg({ type: CreatePortalInput, required: true, description: 'What to make.' }) },
    errors: { types: [InvalidInputError, NotFoundError, ConflictError, RateLimitedError] },
    resolve: (_, { input }, { store, viewer }) => createPortal(store, viewer, input),
  }),
)

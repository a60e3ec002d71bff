import type { Organization as OrganizationRow } from '#db/tables.ts'
import { maySee, requireSignIn } from '#domain/access.ts'
import { ConflictError, InvalidInputError } from '#domain/errors.ts'
import { createOrganization, createOrganizationInput } from '#domain/organization.ts'
import { builder } from './builder.ts'
import './errors.ts'
import { checkedId, rowsOf } from './node.ts'

export const Organization = builder.loadableNodeRef('Organization', {
  id: { resolve: (organization) => organization.id },
  load: rowsOf<OrganizationRow>('organizations'),
})

Organization.implement({
  description: 'Who invites: everything else belongs to one. Needs `organization:read`.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    createdAt: t.expose('created_at', { type: 'DateTime', description: 'When it was made.' }),
    parent: t.field({
      type: Organization,
      nullable: true,
      description: 'The organization that it is below; null at the top, or where the viewer may not see it.',
      resolve: ({ parent_id }, _, { viewer }) =>
        parent_id && maySee(viewer, 'organization:read', parent_id) ? parent_id : null,
    }),
  }),
})

builder.queryField('organization', (t) =>
  t.field({
    type: Organization,
    nullable: true,
    description:
      'The organization with this id, or the viewer’s own; null where the viewer may not see it. Needs `organization:read`.',
    args: { id: t.arg.id({ description: 'The viewer’s own organization if left out.' }) },
    resolve: (_, { id }, { viewer }) => {
      requireSignIn(viewer)
      return id == null ? viewer.organizationId : checkedId('Organization', id)
    },
  }),
)

const CreateOrganizationInput = builder.inputType('CreateOrganizationInput', {
  description: 'The organization to make.',
  fields: (t) => ({ name: t.string({ required: true, description: '1 to 200 characters.' }) }),
  validate: { schema: createOrganizationInput },
})

const CreateOrganizationPayload = builder
  .objectRef<Awaited<ReturnType<typeof createOrganization>>>('CreateOrganizationPayload')
  .implement({
    description: 'The organization that was made.',
    fields: (t) => ({
      organization: t.expose('organization', { type: Organization, description: 'The new organization.' }),
      apiKey: t.exposeString('apiKey', {
        description: 'Its first key, role ORG_ADMIN: who acts for it uses this. A secret, shown this once.',
      }),
    }),
  })

builder.mutationField('createOrganization', (t) =>
  t.field({
    type: CreateOrganizationPayload,
    description:
      'Makes an organization below the viewer’s own, with its own first key. Names are unique among the organizations below one. Needs `organization:create`.',
    args: { input: t.arg({ type: CreateOrganizationInput, required: true, description: 'What to make.' }) },
    errors: { types: [InvalidInputError, ConflictError] },
    resolve: (_, { input }, { store, viewer }) => createOrganization(store, viewer, input),
  }),
)

import type { Organization as OrganizationRow } from '#db/tables.ts'
import { ConflictError, InvalidInputError, NotFoundError, RateLimitedError } from '#domain/errors.ts'
import { updateOrganization, updateOrganizationInput } from '#domain/organizationChange.ts'
import { builder } from './builder.ts'
import { EXPECTED_VERSION } from './invitation.ts'
import { Organization } from './organization.ts'

const UpdateOrganizationInput = builder.inputType('UpdateOrganizationInput', {
  description: 'What to change of an organization; what is left out stays.',
  fields: (t) => ({
    organizationId: t.id({ description: 'The viewer’s own if left out.' }),
    name: t.string({ description: '1 to 200 characters; null: it stays.' }),
    color: t.string({
      description: 'The colour of the pages that guests see, as `#rrggbb`; null: none.',
    }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
  }),
  validate: { schema: updateOrganizationInput },
})

const UpdateOrganizationPayload = builder.objectRef<OrganizationRow>('UpdateOrganizationPayload').implement({
  description: 'The organization as it is now.',
  fields: (t) => ({
    organization: t.field({
      type: Organization,
      description: 'The changed organization.',
      resolve: (organization) => organization,
    }),
  }),
})

builder.mutationField('updateOrganization', (t) =>
  t.field({
    type: UpdateOrganizationPayload,
    description: 'Changes the organization’s name and colour. Needs `organization:update`.',
    args: { input: t.arg({ type: UpdateOrganizationInput, required: true, description: 'What to change.' }) },
    errors: { types: [InvalidInputError, NotFoundError, ConflictError, RateLimitedError] },
    resolve: (_, { input }, { store, viewer }) => updateOrganization(store, viewer, input),
  }),
)

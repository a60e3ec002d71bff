import {
  ConflictError,
  InvalidInputError,
  InvitationClosedError,
  NotFoundError,
  RateLimitedError,
} from '#domain/errors.ts'
import { type Joined, joinOrganization, joinOrganizationInput } from '#domain/joining.ts'
import { builder } from './builder.ts'
import { Membership } from './member.ts'
import { Organization } from './organization.ts'

const JoinOrganizationInput = builder.inputType('JoinOrganizationInput', {
  description: 'Which organization to join.',
  fields: (t) => ({
    token: t.string({ required: true, description: 'The secret of the join link.' }),
  }),
  validate: { schema: joinOrganizationInput },
})

const JoinOrganizationPayload = builder.objectRef<Joined>('JoinOrganizationPayload').implement({
  description: 'The viewer is a member.',
  fields: (t) => ({
    membership: t.expose('membership', { type: Membership, description: 'What they are there.' }),
    organization: t.expose('organization', { type: Organization, description: 'What they have joined.' }),
    alreadyMember: t.exposeBoolean('alreadyMember', {
      description: 'Whether they were a member before: then they keep their role, and no use was spent.',
    }),
  }),
})

builder.mutationField('joinOrganization', (t) =>
  t.field({
    type: JoinOrganizationPayload,
    description:
      'Makes the viewer a member, in the role of a join link; members of other organizations may join too. Who was removed comes back only by a member invitation. For a person who has signed in: a key cannot join.',
    args: {
      input: t.arg({ type: JoinOrganizationInput, required: true, description: 'By which link.' }),
    },
    errors: {
      types: [InvalidInputError, NotFoundError, InvitationClosedError, ConflictError, RateLimitedError],
    },
    resolve: async (_, { input }, context) => {
      const joined = await joinOrganization(context.store, context.viewer, input)
      Organization.loader(context).prime(joined.organization.id, joined.organization)
      return joined
    },
  }),
)

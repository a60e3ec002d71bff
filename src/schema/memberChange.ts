import type { Membership as MembershipRow } from '#db/tables.ts'
import { ConflictError, InvalidInputError, NotFoundError, RateLimitedError } from '#domain/errors.ts'
import { removeMember, removeMemberInput, updateMember, updateMemberInput } from '#domain/memberChange.ts'
import { builder } from './builder.ts'
import { EXPECTED_VERSION } from './invitation.ts'
import { AccessType, Membership } from './member.ts'
import { Role } from './permission.ts'

const UpdateMemberInput = builder.inputType('UpdateMemberInput', {
  description: 'What to change of a member; what is left out or null stays.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The id of the membership.' }),
    role: t.field({ type: Role, description: 'No role that may do what the viewer’s own may not.' }),
    accessType: t.field({ type: AccessType, description: 'How they come in.' }),
    tags: t.stringList({ description: 'All of the tags anew; at most 50.' }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
  }),
  validate: { schema: updateMemberInput },
})

const UpdateMemberPayload = builder
  .objectRef<{ membership: MembershipRow }>('UpdateMemberPayload')
  .implement({
    description: 'The member that was changed.',
    fields: (t) => ({
      membership: t.expose('membership', { type: Membership, description: 'As it is now.' }),
    }),
  })

builder.mutationField('updateMember', (t) =>
  t.field({
    type: UpdateMemberPayload,
    description:
      'Changes what a member is; sockets and streams opened in the old role end. Needs `member:update`.',
    args: { input: t.arg({ type: UpdateMemberInput, required: true, description: 'Whom, and what.' }) },
    errors: { types: [InvalidInputError, NotFoundError, ConflictError, RateLimitedError] },
    resolve: async (_, { input }, { store, viewer }) => ({
      membership: await updateMember(store, viewer, input),
    }),
  }),
)

const RemoveMemberInput = builder.inputType('RemoveMemberInput', {
  description: 'Whose membership to end.',
  fields: (t) => ({ id: t.id({ required: true, description: 'The id of the membership.' }) }),
  validate: { schema: removeMemberInput },
})

const RemoveMemberPayload = builder.objectRef<{ removedId: string }>('RemoveMemberPayload').implement({
  description: 'The member that was removed.',
  fields: (t) => ({
    removedId: t.exposeID('removedId', { description: 'The id of the membership that ended.' }),
  }),
})

builder.mutationField('removeMember', (t) =>
  t.field({
    type: RemoveMemberPayload,
    description:
      'Ends a membership, and with it the member’s keys, sockets and streams. Needs `member:remove`.',
    args: { input: t.arg({ type: RemoveMemberInput, required: true, description: 'Whose.' }) },
    errors: { types: [InvalidInputError, NotFoundError, ConflictError, RateLimitedError] },
    resolve: async (_, { input }, { store, viewer }) => ({
      removedId: (await removeMember(store, viewer, input.id)).id,
    }),
  }),
)

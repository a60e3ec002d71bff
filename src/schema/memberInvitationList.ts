import type { MemberInvitation as MemberInvitationRow } from '#db/tables.ts'
import {
  addresseeOf,
  type MemberInvitationOrder as MemberInvitationOrderShape,
  memberInvitationsOf,
  memberInvitationsTo,
} from '#domain/memberInvitationList.ts'
import { builder } from './builder.ts'
import { connectionOf } from './connection.ts'
import { SortDirection } from './guestInvitationList.ts'
import { InvitationStatus } from './invitation.ts'
import { MemberInvitation } from './memberInvitation.ts'
import { Organization } from './organization.ts'
import { Role } from './permission.ts'
import { Viewer } from './viewer.ts'

const MemberInvitationEdge = builder.edgeObject({
  name: 'MemberInvitationEdge',
  description: 'A member invitation in a list.',
  type: MemberInvitation,
})

const MemberInvitationConnection = builder.connectionObject(
  {
    name: 'MemberInvitationConnection',
    description: 'A page of member invitations.',
    type: MemberInvitation,
  },
  MemberInvitationEdge,
)

const MemberInvitationFilter = builder.inputType('MemberInvitationFilter', {
  description: 'Which member invitations to list: those that meet every condition given.',
  fields: (t) => ({
    statuses: t.field({ type: [InvitationStatus], description: 'In one of these statuses now.' }),
    search: t.string({ description: 'Part of the e-mail address or of the name, whatever its case.' }),
    roles: t.field({ type: [Role], description: 'To one of these roles.' }),
    tags: t.stringList({ description: 'With one of these tags, to the letter.' }),
  }),
})

const MemberInvitationOrderField = builder.enumType('MemberInvitationOrderField', {
  description:
    'What member invitations can be ordered by. Those that lack it come before all others, ascending.',
  values: {
    EMAIL: { description: 'The e-mail address, whatever its case.' },
    NAME: { description: 'The name, whatever its case.' },
    FIRST_SENT_AT: { description: 'When it was first sent.' },
    LAST_SENT_AT: { description: 'When it was last sent.' },
    EXPIRES_AT: { description: 'When it stops being acceptable.' },
    ACCEPTED_AT: { description: 'When it was accepted.' },
    DECLINED_AT: { description: 'When it was declined.' },
    CREATED_AT: { description: 'When it was made.' },
    UPDATED_AT: { description: 'When it last changed.' },
  } satisfies Record<MemberInvitationOrderShape['field'], object>,
})

const MemberInvitationOrder = builder.inputType('MemberInvitationOrder', {
  description: 'How to order member invitations.',
  fields: (t) => ({
    field: t.field({ type: MemberInvitationOrderField, required: true, description: 'By what.' }),
    direction: t.field({ type: SortDirection, required: true, description: 'Which end first.' }),
  }),
})

builder.objectFields(Organization, (t) => ({
  memberInvitations: t.connection(
    {
      type: MemberInvitation,
      description:
        'Its invitations of members, newest first unless ordered otherwise. Needs `memberInvitation:read`.',
      args: {
        filter: t.arg({ type: MemberInvitationFilter, description: 'Which ones; all if left out.' }),
        orderBy: t.arg({
          type: MemberInvitationOrder,
          description: 'In which order; newest first if left out.',
        }),
      },
      resolve: ({ id }, args, context, info) =>
        connectionOf<MemberInvitationRow>(
          context,
          info,
          memberInvitationsOf(args.filter, args.orderBy, context.store.now()),
          { id, organization_id: id },
          args,
        ),
    },
    MemberInvitationConnection,
    MemberInvitationEdge,
  ),
}))

const ReceivedMemberInvitationFilter = builder.inputType('ReceivedMemberInvitationFilter', {
  description: 'Which of the viewer’s own member invitations to list.',
  fields: (t) => ({
    statuses: t.field({ type: [InvitationStatus], description: 'In one of these statuses now.' }),
  }),
})

builder.objectFields(Viewer, (t) => ({
  memberInvitations: t.connection(
    {
      type: MemberInvitation,
      description:
        'The member invitations that are addressed to the viewer’s own verified e-mail, of any organization, newest first; none for a key, and without a verified e-mail.',
      args: {
        filter: t.arg({ type: ReceivedMemberInvitationFilter, description: 'Which ones; all if left out.' }),
      },
      resolve: async (viewer, args, context, info) =>
        connectionOf<MemberInvitationRow>(
          context,
          info,
          memberInvitationsTo(args.filter?.statuses, context.store.now()),
          await addresseeOf(context.store, viewer),
          args,
        ),
    },
    MemberInvitationConnection,
    MemberInvitationEdge,
  ),
}))

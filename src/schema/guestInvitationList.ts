import type { GuestInvitation as GuestInvitationRow } from '#db/tables.ts'
import {
  type GuestInvitationOrder as GuestInvitationOrderShape,
  guestInvitationsOf,
} from '#domain/guestInvitationList.ts'
import { builder } from './builder.ts'
import { connectionOf } from './connection.ts'
import { GuestInvitation } from './guestInvitation.ts'
import { InvitationStatus } from './invitation.ts'
import { Organization } from './organization.ts'

const GuestInvitationEdge = builder.edgeObject({
  name: 'GuestInvitationEdge',
  description: 'A guest invitation in a list.',
  type: GuestInvitation,
})

const GuestInvitationConnection = builder.connectionObject(
  { name: 'GuestInvitationConnection', description: 'A page of guest invitations.', type: GuestInvitation },
  GuestInvitationEdge,
)

const GuestInvitationFilter = builder.inputType('GuestInvitationFilter', {
  description: 'Which guest invitations to list: those that meet every condition given.',
  fields: (t) => ({
    statuses: t.field({ type: [InvitationStatus], description: 'In one of these statuses now.' }),
    search: t.string({ description: 'Part of the e-mail address, whatever its case.' }),
    expired: t.boolean({ description: 'Only those whose time ran out, or only the others.' }),
    archived: t.boolean({ description: 'Only those put away, or only the others.' }),
  }),
})

const GuestInvitationOrderField = builder.enumType('GuestInvitationOrderField', {
  description:
    'What guest invitations can be ordered by. Those that lack it come before all others, ascending.',
  values: {
    EMAIL: { description: 'The e-mail address, whatever its case.' },
    FIRST_SENT_AT: { description: 'When it was first sent.' },
    LAST_SENT_AT: { description: 'When it was last sent.' },
    EXPIRES_AT: { description: 'When it stops being acceptable.' },
    ACCEPTED_AT: { description: 'When it was accepted.' },
    ARCHIVED_AT: { description: 'When it was put away.' },
    CREATED_AT: { description: 'When it was made.' },
    UPDATED_AT: { description: 'When it last changed.' },
  } satisfies Record<GuestInvitationOrderShape['field'], object>,
})

export const SortDirection = builder.enumType('SortDirection', {
  description: 'Which end of an order comes first.',
  values: {
    ASC: { description: 'The smallest or earliest first.' },
    DESC: { description: 'The largest or latest first.' },
  },
})

const GuestInvitationOrder = builder.inputType('GuestInvitationOrder', {
  description: 'How to order guest invitations.',
  fields: (t) => ({
    field: t.field({ type: GuestInvitationOrderField, required: true, description: 'By what.' }),
    direction: t.field({ type: SortDirection, required: true, description: 'Which end first.' }),
  }),
})

builder.objectFields(Organization, (t) => ({
  guestInvitations: t.connection(
    {
      type: GuestInvitation,
      description:
        'Its invitations of guest organizations, newest first unless ordered otherwise. Needs `guestInvitation:read`.',
      args: {
        filter: t.arg({ type: GuestInvitationFilter, description: 'Which ones; all if left out.' }),
        orderBy: t.arg({
          type: GuestInvitationOrder,
          description: 'In which order; newest first if left out.',
        }),
      },
      resolve: ({ id }, args, context, info) =>
        connectionOf<GuestInvitationRow>(
          context,
          info,
          guestInvitationsOf(args.filter, args.orderBy, context.store.now()),
          { id, organization_id: id },
          args,
        ),
    },
    GuestInvitationConnection,
    GuestInvitationEdge,
  ),
}))

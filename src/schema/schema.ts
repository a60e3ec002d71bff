import {
  defaultFieldResolver,
  type GraphQLSchema,
  isInterfaceType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import './scalars.ts'
import './organization.ts'
import './integration.ts'
import './portal.ts'
import './invite.ts'
import './inviteCreation.ts'
import './accessGrant.ts'
import './portalOpening.ts'
import './guestInvitation.ts'
import './guestInvitationList.ts'
import './guestAcceptance.ts'
import './mailDelivery.ts'
import './viewer.ts'
import './apiKey.ts'
import './apiKeyCreation.ts'
import './member.ts'
import './memberChange.ts'
import './memberInvitation.ts'
import './memberInvitationAnswer.ts'
import './memberInvitationBulk.ts'
import './memberInvitationChange.ts'
import './memberInvitationCreation.ts'
import './memberInvitationList.ts'
import './welcomeMessage.ts'
import './joinLink.ts'
import './joinLinkCreation.ts'
import './joinLinkChange.ts'
import './joining.ts'
import './organizationConnection.ts'
import './activity.ts'
import './invitationPreview.ts'
import './invitationEvent.ts'
import './organizationChange.ts'
import './timeline.ts'
import './inviteRevocation.ts'
import './inviteChange.ts'
import './guestInvitationCreation.ts'
import './guestInvitationRevocation.ts'
import './guestInvitationChange.ts'
import './guestInvitationResending.ts'

export const schema = doneOnce(withIdsAtHand(builder.toSchema()))

/** The schema as `schema.graphql` holds it. */
export const printedSchema = () => `${printSchema(lexicographicSortSchema(schema))}\n`

/**
 * Relay's plugin makes a promise of every id, and so of every object that has one, and of every list of
 * them: for a page, that took half of its time. Ours stand in the row.
 */
function withIdsAtHand(made: GraphQLSchema): GraphQLSchema {
  const node = made.getType('Node')
  for (const type of isInterfaceType(node) ? made.getPossibleTypes(node) : []) {
    const { id } = type.getFields()
    if (id) id.resolve = (row: { id: string }) => row.id
  }
  return made
}

/** Has each mutation of an operation done once, however often its answer is put together. */
function doneOnce(made: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(made.getMutationType()?.getFields() ?? {})) {
    const { resolve = defaultFieldResolver } = field
    field.resolve = (source, args, context: Context, info) => {
      const { outcomes } = context
      const { key } = info.path
      if (!outcomes.has(key)) outcomes.set(key, resolve(source, args, context, info))
      return outcomes.get(key)
    }
  }
  return made
}

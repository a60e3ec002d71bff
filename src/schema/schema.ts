import { lexicographicSortSchema, printSchema } from 'graphql'
import { builder } from './builder.ts'
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
import './viewer.ts'
import './apiKey.ts'
import './apiKeyCreation.ts'
import './member.ts'
import './memberChange.ts'
import './organizationConnection.ts'
import './activity.ts'
import './invitationPreview.ts'
import './invitationEvent.ts'
import './organizationChange.ts'

export const schema = builder.toSchema()

/** The schema as `schema.graphql` holds it. */
export const printedSchema = () => `${printSchema(lexicographicSortSchema(schema))}\n`

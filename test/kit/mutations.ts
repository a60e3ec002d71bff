import { type GraphQLInputObjectType, getNamedType } from 'graphql'
import { schema } from '#schema/schema.ts'
import type { Estate } from './estate.ts'

export const mutationFields = () => Object.values(schema.getMutationType()?.getFields() ?? {})

/** The input type of a mutation. */
export const inputOf = (mutation: string) =>
  getNamedType(schema.getMutationType()?.getFields()[mutation]?.args[0]?.type) as GraphQLInputObjectType

/** The mutation with its one input, asking for whatever may be wrong and for nothing else. */
export const documentOf = (mutation: string) => `mutation ($input: ${inputOf(mutation)}!) {
  ${mutation}(input: $input) {
    __typename
    ... on UserError { code message }
    ... on InvalidInputError { issues { path message } }
  }
}`

/** For each mutation an input that it takes. */
export const goodInputs = (acme: Estate): Record<string, Record<string, unknown>> => ({
  createOrganization: { name: 'Subsidiary' },
  createIntegration: { name: 'Annex' },
  createPortal: { integrationId: acme.integrationId, name: 'Cellar' },
  createInvite: { integrationId: acme.integrationId, portalIds: acme.portalIds },
  revokeInvite: { id: acme.ids.Invite },
  acceptInvite: { token: acme.inviteToken },
  openPortal: { grantToken: acme.grantToken, portalId: acme.ids.Portal },
  createGuestInvitation: { email: `other@${acme.id.slice(-8)}.example`, expiresAt: '2031-01-01T00:00:00Z' },
  revokeGuestInvitation: { id: acme.ids.GuestInvitation },
  acceptGuestInvitation: { token: acme.guestToken, organizationName: 'Guests Ltd' },
  createApiKey: { name: 'CI', role: 'ORG_VIEWER' },
  rotateApiKey: { id: acme.ids.ApiKey },
  revokeApiKey: { id: acme.ids.ApiKey },
  updateMember: { id: acme.ids.Membership, tags: ['night shift'] },
  removeMember: { id: acme.ids.Membership },
  requestOrganizationConnection: { organizationId: acme.stranger.id },
  acceptOrganizationConnection: { id: acme.ids.OrganizationConnection },
  disconnectOrganization: { id: acme.ids.OrganizationConnection },
  updateOrganization: { name: `${acme.id.slice(-8)} & Co.`, color: '#0a7c66' },
  createJoinLink: { role: 'ORG_MEMBER', maxUses: 5 },
  updateJoinLink: { id: acme.ids.JoinLink, maxUses: 5 },
  revokeJoinLink: { id: acme.ids.JoinLink },
  reviveJoinLink: { id: acme.expiredLinkId },
  regenerateJoinLinkToken: { id: acme.ids.JoinLink },
  joinOrganization: { token: acme.joinToken },
  sendWelcomeMessage: { userId: acme.ids.User, template: 'WELCOME_MEMBER' },
  updateInvite: { id: acme.ids.Invite, name: 'Renamed', portalIds: acme.portalIds, maxUses: null },
  restoreInvite: { id: acme.revokedInviteId },
  regenerateInviteToken: { id: acme.ids.Invite },
  createInvites: { invites: [{ integrationId: acme.integrationId, portalIds: acme.portalIds }] },
  updateGuestInvitation: { id: acme.ids.GuestInvitation, locale: 'de', message: null },
  resendGuestInvitation: { id: acme.ids.GuestInvitation },
  archiveGuestInvitation: { id: acme.ids.GuestInvitation },
  unarchiveGuestInvitation: { id: acme.archivedGuestInvitationId },
  createGuestInvitations: {
    guestInvitations: [{ email: `bulk@${acme.id.slice(-8)}.example`, expiresAt: '2031-01-01T00:00:00.000Z' }],
  },
  createMemberInvitation: { email: `another@${acme.id.slice(-8)}.example`, role: 'GUEST' },
  createMemberInvitations: {
    invitations: [{ email: `one@${acme.id.slice(-8)}.example`, role: 'GUEST' }],
  },
  updateMemberInvitation: { id: acme.ids.MemberInvitation, tags: ['night shift'] },
  resendMemberInvitation: { id: acme.ids.MemberInvitation },
  revokeMemberInvitation: { id: acme.ids.MemberInvitation },
  acceptMemberInvitation: { token: acme.memberToken },
  declineMemberInvitation: { token: acme.memberToken },
})

/** What only a person does who has signed in. */
export const PERSONAL = ['joinOrganization']

/** What to call it with: whoever accepts a guest invitation is not the host, and whoever joins is a person. */
export const keyFor = (mutation: string, acme: Estate, person?: { token: string }) => {
  if (PERSONAL.includes(mutation)) return person?.token
  return mutation === 'acceptGuestInvitation' ? undefined : acme.key
}

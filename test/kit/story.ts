import { organization, type TestApp } from './app.ts'

/** A caller who expects to succeed: answers with the data, throws what went wrong. */
// biome-ignore lint/suspicious/noExplicitAny: tests look at what came, whatever it is
export type Ask = (query: string, variables?: object) => Promise<any>

/** The one who asks with this key; without one, a stranger. */
export const asker =
  (app: Pick<TestApp, 'call'>, key?: string): Ask =>
  async (query, variables) => {
    const { data, errors } = await app.call(query, variables, { key })
    if (errors.length > 0) throw new Error(`${JSON.stringify(errors)}\n${query}`)
    return data
  }

/** An organization with one integration, "Headquarters", and its portals "Lobby" and "Garage". */
export async function house(app: TestApp, name = 'Acme') {
  const owner = await organization(app, name)
  const ask = asker(app, owner.key)
  const { createIntegration } = await ask(
    `mutation { createIntegration(input: { name: "Headquarters" }) { ... on CreateIntegrationPayload { integration { id } } } }`,
  )
  const integrationId: string = createIntegration.integration.id
  const portalIds: string[] = []
  for (const portal of ['Lobby', 'Garage']) {
    const { createPortal } = await ask(
      `mutation ($input: CreatePortalInput!) { createPortal(input: $input) { ... on CreatePortalPayload { portal { id } } } }`,
      { input: { integrationId, name: portal } },
    )
    portalIds.push(createPortal.portal.id)
  }
  return { ...owner, ask, integrationId, portalIds }
}

export type House = Awaited<ReturnType<typeof house>>

export const CREATE_INVITE = `mutation ($input: CreateInviteInput!) {
  createInvite(input: $input) {
    __typename
    ... on CreateInvitePayload { token inviteUrl replayed invite { id status validFrom validTo maxUses uses } }
    ... on UserError { code message }
    ... on InvalidInputError { issues { path message } }
  }
}`

/** An access invite to all portals of the house, with what the input adds or changes. */
export async function invite(of: House, input: object = {}) {
  const { createInvite } = await of.ask(CREATE_INVITE, {
    input: { integrationId: of.integrationId, portalIds: of.portalIds, ...input },
  })
  if (createInvite.__typename !== 'CreateInvitePayload') throw new Error(JSON.stringify(createInvite))
  return { id: createInvite.invite.id as string, token: createInvite.token as string, ...createInvite }
}

export const ACCEPT_INVITE = `mutation ($input: AcceptInviteInput!) {
  acceptInvite(input: $input) {
    __typename
    ... on AcceptInvitePayload { grantToken replayed grant { id validFrom validTo guestName portals { id name } } }
    ... on UserError { code message }
    ... on InvitationClosedError { reason opensAt closedAt }
    ... on InvalidInputError { issues { path message } }
  }
}`

export const REVOKE_INVITE = `mutation ($id: ID!) {
  revokeInvite(input: { id: $id }) {
    __typename
    ... on RevokeInvitePayload { invite { id status revokedAt } }
    ... on UserError { code message }
    ... on InvitationClosedError { reason closedAt }
  }
}`

export const OPEN_PORTAL = `mutation ($input: OpenPortalInput!) {
  openPortal(input: $input) {
    __typename
    ... on OpenPortalPayload { openedAt portal { id name } }
    ... on UserError { code message }
    ... on InvitationClosedError { reason }
  }
}`

export const CREATE_GUEST_INVITATION = `mutation ($input: CreateGuestInvitationInput!) {
  createGuestInvitation(input: $input) {
    __typename
    ... on CreateGuestInvitationPayload { token inviteUrl replayed guestInvitation { id status email expiresAt expired } }
    ... on UserError { code message }
    ... on InvalidInputError { issues { path message } }
  }
}`

export const ACCEPT_GUEST_INVITATION = `mutation ($input: AcceptGuestInvitationInput!) {
  acceptGuestInvitation(input: $input) {
    __typename
    ... on AcceptGuestInvitationPayload {
      apiKey organization { id name } guestInvitation { id status acceptedVia acceptedAt organization { name } }
    }
    ... on UserError { code message }
    ... on InvitationClosedError { reason closedAt }
    ... on InvalidInputError { issues { path message } }
  }
}`

export const CREATE_MEMBER_INVITATION = `mutation ($input: CreateMemberInvitationInput!) {
  createMemberInvitation(input: $input) {
    __typename
    ... on CreateMemberInvitationPayload { token inviteUrl replayed memberInvitation {
      id status email name tags accessType role locale message expiresAt version
    } }
    ... on UserError { code message }
    ... on ConflictError { current { __typename id } }
    ... on InvalidInputError { issues { path message } }
  }
}`

export const ACCEPT_MEMBER_INVITATION = `mutation ($input: AcceptMemberInvitationInput!) {
  acceptMemberInvitation(input: $input) {
    __typename
    ... on AcceptMemberInvitationPayload {
      apiKey
      membership { id role accessType tags removedAt organization { name } user { id } }
      organization { id name }
      user { id name email }
      memberInvitation { id status acceptedAt organization { name } membership { id } }
    }
    ... on UserError { code message }
    ... on InvitationClosedError { reason closedAt }
    ... on WrongAccountError { invitedEmail viewerEmail }
    ... on InvalidInputError { issues { path message } }
  }
}`

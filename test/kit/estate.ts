import type { TestApp } from './app.ts'
import {
  ACCEPT_INVITE,
  asker,
  CREATE_GUEST_INVITATION,
  type House,
  house,
  invite,
  OPEN_PORTAL,
} from './story.ts'

/** A house in which everything has happened once, and the id of one thing of each type that has one. */
export async function estate(app: TestApp, name = 'Acme') {
  const owner = await house(app, name)
  const { id: inviteId, token } = await invite(owner)
  const { grant, grantToken } = await accepted(app, token)
  const portalId = owner.portalIds[0] ?? ''
  await asker(app)(OPEN_PORTAL, { input: { grantToken, portalId } })
  const guest = await guestInvitation(owner)
  const openings = await owner.ask(
    'query ($id: ID!) { node(id: $id) { ... on Portal { openings { edges { node { id } } } } } }',
    { id: portalId },
  )
  const ids = {
    Organization: owner.id,
    Integration: owner.integrationId,
    Portal: portalId,
    Invite: inviteId,
    AccessGrant: grant.id as string,
    PortalOpening: openings.node.openings.edges[0].node.id as string,
    GuestInvitation: guest.id,
  }
  return { ...owner, ids, inviteToken: token, grantToken, guestToken: guest.token }
}

export type Estate = Awaited<ReturnType<typeof estate>>

async function accepted(app: TestApp, token: string) {
  const { acceptInvite } = await asker(app)(ACCEPT_INVITE, { input: { token, guestName: 'Ada' } })
  return acceptInvite
}

async function guestInvitation(owner: House) {
  const { createGuestInvitation } = await owner.ask(CREATE_GUEST_INVITATION, {
    input: { email: 'guest@example.com', expiresAt: '2031-01-01T00:00:00Z' },
  })
  return {
    id: createGuestInvitation.guestInvitation.id as string,
    token: createGuestInvitation.token as string,
  }
}

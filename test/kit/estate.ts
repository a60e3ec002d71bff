import { insertApiKey } from '#domain/apiKey.ts'
import { newId } from '#domain/ids.ts'
import { insertMembership } from '#domain/member.ts'
import { organization, type TestApp } from './app.ts'
import {
  ACCEPT_INVITE,
  asker,
  CREATE_GUEST_INVITATION,
  CREATE_MEMBER_INVITATION,
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
  const member = await memberInvitation(owner)
  const link = await joinLink(owner)
  const partner = await organization(app, `${name}’s partner`)
  const stranger = await organization(app, `${name}’s stranger`)
  const read = await owner.ask(
    `query ($id: ID!) {
      node(id: $id) { ... on Portal { openings { edges { node { id } } } } }
      organization { activities(first: 1) { edges { node { id } } } }
    }`,
    { id: portalId },
  )
  const ids = {
    Organization: owner.id,
    Integration: owner.integrationId,
    Portal: portalId,
    Invite: inviteId,
    AccessGrant: grant.id as string,
    PortalOpening: read.node.openings.edges[0].node.id as string,
    GuestInvitation: guest.id,
    Activity: read.organization.activities.edges[0].node.id as string,
    OrganizationConnection: await asked(app, partner.id, owner.id),
    MemberInvitation: member.id,
    ...(await staff(app, owner.id, name)),
    JoinLink: link.id,
  }
  return {
    ...owner,
    ids,
    inviteToken: token,
    grantToken,
    guestToken: guest.token,
    memberToken: member.token,
    joinToken: link.token,
    expiredLinkId: await expiredLink(app, owner),
    /** Has asked to be connected. */
    partner,
    /** Has nothing to do with it. */
    stranger,
  }
}

export type Estate = Awaited<ReturnType<typeof estate>>

async function accepted(app: TestApp, token: string) {
  const { acceptInvite } = await asker(app)(ACCEPT_INVITE, { input: { token, guestName: 'Ada' } })
  return acceptInvite
}

async function guestInvitation(owner: House) {
  const { createGuestInvitation } = await owner.ask(CREATE_GUEST_INVITATION, {
    input: { email: `guest@${owner.id.slice(-8)}.example`, expiresAt: '2031-01-01T00:00:00Z' },
  })
  return {
    id: createGuestInvitation.guestInvitation.id as string,
    token: createGuestInvitation.token as string,
  }
}

/** One to be a GUEST: whoever may do anything may give that role. */
async function memberInvitation(owner: House) {
  const { createMemberInvitation } = await owner.ask(CREATE_MEMBER_INVITATION, {
    input: { email: `member@${owner.id.slice(-8)}.example`, name: 'Mem', role: 'GUEST', sendEmail: false },
  })
  return {
    id: createMemberInvitation.memberInvitation.id as string,
    token: createMemberInvitation.token as string,
  }
}

/** The link by which people become members of the house. */
export const CREATE_JOIN_LINK = `mutation ($input: CreateJoinLinkInput!) { createJoinLink(input: $input) {
  __typename
  ... on CreateJoinLinkPayload { token inviteUrl replayed joinLink { id version role status expiresAt maxUses uses usesRemaining } }
  ... on UserError { code message }
  ... on ConflictError { current { id } }
  ... on InvalidInputError { issues { path message } }
} }`

/** A join link of the house, for guests unless the input says otherwise. */
export async function joinLink(of: House, input: object = {}) {
  const { createJoinLink } = await of.ask(CREATE_JOIN_LINK, { input: { role: 'GUEST', ...input } })
  if (createJoinLink.__typename !== 'CreateJoinLinkPayload') throw new Error(JSON.stringify(createJoinLink))
  return { id: createJoinLink.joinLink.id as string, token: createJoinLink.token as string }
}

async function expiredLink(app: TestApp, owner: House) {
  const { id } = await joinLink(owner, { role: 'ORG_VIEWER' })
  await app.store.write((tx) =>
    tx.db
      .updateTable('join_links')
      .set({ expires_at: tx.now - 1 })
      .where('id', '=', id)
      .execute(),
  )
  return id
}

/** A connection that one organization has asked of another; accepted, where an instant is given. */
export async function asked(
  app: Pick<TestApp, 'store'>,
  hostId: string,
  guestId: string,
  acceptance: { at?: number; guestAllows?: readonly string[] } = {},
) {
  const id = newId('OrganizationConnection')
  await app.store.write((tx) =>
    tx.db
      .insertInto('organization_connections')
      .values({
        id,
        host_id: hostId,
        guest_id: guestId,
        created_at: tx.now,
        accepted_at: acceptance.at ?? null,
        host_allows: '[]',
        guest_allows: JSON.stringify(acceptance.guestAllows ?? []),
      })
      .execute(),
  )
  return id
}

/** A member, and a key that nobody uses. */
const staff = (app: TestApp, organizationId: string, name: string) =>
  app.store.write(async (tx) => {
    const userId = newId('User')
    const email = `bob@${userId.slice(-8)}.example`
    await tx.db
      .insertInto('users')
      .values({
        id: userId,
        issuer: 'https://issuer.example',
        subject: userId,
        email,
        email_key: email,
        name: `Bob of ${name}`,
        created_at: tx.now,
      })
      .execute()
    const member = { organizationId, userId, role: 'ORG_MEMBER', accessType: 'ALL' } as const
    const { id: membershipId } = await insertMembership(tx, member)
    const { apiKey } = await insertApiKey(tx, {
      organizationId,
      role: 'ORG_VIEWER',
      name: `${name}’s spare`,
      scopes: ['apiKey:create'],
    })
    return { User: userId, Membership: membershipId, ApiKey: apiKey.id }
  })

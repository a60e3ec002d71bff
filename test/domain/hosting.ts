import { type TestApp, type TestAppOptions, testApp } from '../kit/app.ts'
import {
  ACCEPT_GUEST_INVITATION,
  type Ask,
  asker,
  CREATE_GUEST_INVITATION,
  type House,
  house,
} from '../kit/story.ts'
import { DAY, type ManualTime } from '../kit/time.ts'

export const REVOKE_GUEST_INVITATION = `mutation ($id: ID!) { revokeGuestInvitation(input: { id: $id }) {
  __typename
  ... on RevokeGuestInvitationPayload { guestInvitation { id status revokedAt } }
  ... on UserError { code }
  ... on InvitationClosedError { reason closedAt }
} }`

export const READ_GUEST_INVITATION = `query ($id: ID!) { guestInvitation(id: $id) { status expired archived archivedAt revokedAt } }`

/** Two houses that invite guests; an invitation is open for a day unless said otherwise. */
export async function hosts(options: TestAppOptions<ManualTime> = {}) {
  const app = await testApp(options)
  const at = (ms: number) => new Date(app.time.now() + ms).toISOString()
  const create = async (host: House, email: string, input: object = {}) =>
    (await host.ask(CREATE_GUEST_INVITATION, { input: { email, expiresAt: at(DAY), ...input } }))
      .createGuestInvitation
  return { app, at, create, acme: await house(app), other: await house(app, 'Other') }
}

/** A house that has invited one guest, who may accept with the token. */
export async function invited(input: object = {}) {
  const app = await testApp()
  const acme = await house(app)
  const expiresAt = new Date(app.time.now() + DAY).toISOString()
  const { createGuestInvitation } = await acme.ask(CREATE_GUEST_INVITATION, {
    input: { email: 'ada@guest.example', expiresAt, ...input },
  })
  const { token, guestInvitation } = createGuestInvitation
  const accept = async (ask: Ask = asker(app), organizationName = 'Guests') =>
    (await ask(ACCEPT_GUEST_INVITATION, { input: { token, organizationName } })).acceptGuestInvitation
  return { app, acme, accept, token: token as string, id: guestInvitation.id as string, expiresAt }
}

/** Who is connected with whom. */
export const connections = (app: TestApp) =>
  app.store.db.selectFrom('organization_connections').select(['host_id', 'guest_id']).execute()

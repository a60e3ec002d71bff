import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { dumpOfThings } from '../kit/dump.ts'
import { CREATE_GUEST_INVITATION, house, invite } from '../kit/story.ts'

test('a secret that is shown once is not lost to a refusal of what else was asked for', async () => {
  const app = await testApp()
  const acme = await house(app)
  const create = (selection: string) =>
    app.call(
      `mutation { createOrganization(input: { name: "Annex" }) {
        __typename ... on CreateOrganizationPayload { apiKey organization { id ${selection} } } } }`,
      {},
      { key: acme.key },
    )
  const before = await dumpOfThings(app)
  for (const selection of ['eventCursor', 'integrations { totalCount }']) {
    const { data, errors } = await create(selection)
    expect(data, selection).toBeNull()
    expect(errors.length, selection).toBeGreaterThan(0)
  }
  expect(await dumpOfThings(app)).toEqual(before)
  const { data } = await create('name')
  expect(data.createOrganization.apiKey).toMatch(/^lk_key_/)
})

const CREATED = {
  invite: `mutation ($input: CreateInviteInput!) { made: createInvite(input: $input) {
    ... on CreateInvitePayload { token it: invite { SELECTION } } } }`,
  guest: `mutation ($input: CreateGuestInvitationInput!) { made: createGuestInvitation(input: $input) {
    ... on CreateGuestInvitationPayload { token it: guestInvitation { SELECTION } } } }`,
  invites: `mutation ($input: CreateInvitesInput!) { bulk: createInvites(input: $input) {
    ... on CreateInvitesPayload { results { ... on CreateInvitePayload { token it: invite { SELECTION } } } } } }`,
  guests: `mutation ($input: CreateGuestInvitationsInput!) { bulk: createGuestInvitations(input: $input) {
    ... on CreateGuestInvitationsPayload { results {
      ... on CreateGuestInvitationPayload { token it: guestInvitation { SELECTION } } } } } }`,
  link: `mutation ($input: RegenerateInviteTokenInput!) { made: regenerateInviteToken(input: $input) {
    ... on RegenerateInviteTokenPayload { token it: invite { SELECTION } } } }`,
  resent: `mutation ($input: ResendGuestInvitationInput!) { made: resendGuestInvitation(input: $input) {
    ... on ResendGuestInvitationPayload { token it: guestInvitation { SELECTION } } } }`,
}

test('nor to a key that may make a thing and not see what it refers to', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { createApiKey } = await acme.ask(`mutation { createApiKey(input: { name: "Kiosk", role: ORG_ADMIN,
    scopes: [INVITE_CREATE, GUEST_INVITATION_CREATE, INVITE_UPDATE, GUEST_INVITATION_UPDATE] }) { ... on CreateApiKeyPayload { secret } } }`)
  const { integrationId, portalIds } = acme
  const guest = { email: 'b@example.com', expiresAt: '2031-01-01T00:00:00Z' }
  const { createGuestInvitation } = await acme.ask(CREATE_GUEST_INVITATION, { input: guest })
  const wishes = [
    [CREATED.link, { id: (await invite(acme)).id }, ['organization', 'integration', 'portals']],
    [CREATED.resent, { id: createGuestInvitation.guestInvitation.id }, ['organization']],
    [
      CREATED.invites,
      { invites: [{ integrationId, portalIds }] },
      ['organization', 'integration', 'portals'],
    ],
    [CREATED.guests, { guestInvitations: [{ ...guest, email: 'c@example.com' }] }, ['organization']],
    [CREATED.invite, { integrationId, portalIds }, ['organization', 'integration', 'portals']],
    [CREATED.guest, { email: 'a@example.com', expiresAt: '2031-01-01T00:00:00Z' }, ['organization']],
  ] as const
  const before = await dumpOfThings(app)
  const ask = (query: string, input: object, selection: string) =>
    app.call(query.replace('SELECTION', selection), { input }, { key: createApiKey.secret })
  for (const [query, input, references] of wishes) {
    for (const reference of references) {
      const { errors } = await ask(query, input, `${reference} { name }`)
      expect(
        errors.map(({ extensions }) => extensions.code),
        reference,
      ).toEqual(['BAD_USER_INPUT'])
    }
  }
  expect(await dumpOfThings(app)).toEqual(before)
  for (const [query, input] of wishes) {
    const { data, errors } = await ask(query, input, 'id status')
    // The link of a guest invitation takes what its guest comes to see.
    if (/GuestInvitation/.test(query)) expect(errors[0]?.extensions.code).toBe('FORBIDDEN')
    else expect((data.made ?? data.bulk.results[0]).token).toMatch(/^lk_/)
  }
})

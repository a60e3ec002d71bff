import { type Ask, caller } from './demoClient.ts'
import { follow } from './demoEvents.ts'
import { stepper } from './demoSteps.ts'

const INTEGRATION = 'Virtual Access Demo'
const PORTAL = 'Lobby Portal'

const party = {
  name: 'Year-end celebration',
  expiresIn: '1w',
  maxUses: 50,
  inviteeMessage: [
    { locale: 'en', text: 'Welcome — use this link during the party hour.' },
    { locale: 'de', text: 'Willkommen — nutzen Sie diesen Link während der Feier.' },
  ],
}

export interface Stage {
  url: string
  key: string
  print: (line: string) => void
}

/** From an empty organization to a door that opens, and no longer does: by the public API alone. */
export async function tellDoorStory({ url, key, print }: Stage) {
  const step = stepper(print)
  const host = caller(url, { authorization: `Bearer ${key}` })
  const guest = caller(url, { 'accept-language': 'de-CH, en;q=0.5' })

  await step(`Build: "${INTEGRATION}" with "${PORTAL}", and their neighbours`, () => build(host))

  const integration = await step(`Find the integration by its name, "${INTEGRATION}"`, async (tell) => {
    const found = await host<Found>('organization.integrationByName', 'Integration', FIND_INTEGRATION, {
      name: INTEGRATION,
    })
    tell(found.id)
    return found
  })
  const portal = await step('Find the portal by a part of its name, "lobby"', async (tell) => {
    const variables = { id: integration.id, name: 'lobby' }
    const found = await host<Found>('node.portalByName', 'Portal', FIND_PORTAL, variables)
    tell(`${found.name}, ${found.id}`)
    return found
  })
  const doors = { integrationId: integration.id, portalIds: [portal.id] }

  const events = await step('Follow the events, live, from a known one on', async () => {
    await host('createInvite', 'CreateInvitePayload', CREATE_INVITE, {
      input: { ...doors, name: 'Caterers' },
    })
    const log = await host<Log>('organization.invitationEvents', 'InvitationEventConnection', LAST_EVENT)
    const after = log.edges.at(-1)?.cursor
    return follow({ url, key, after, onEvent: (line) => print(`      ~ ${line}`) })
  })
  try {
    const invite = await step(`Invite to the "${party.name}"`, async (tell) => {
      const input = { ...doors, ...party }
      const made = await host<Created>('createInvite', 'CreateInvitePayload', CREATE_INVITE, { input })
      tell(made.inviteUrl)
      await events.heard('CREATED')
      return made
    })
    await step('Look at the link, without a key and without using it', async (tell) => {
      const { token } = invite
      const seen = await guest<Preview>('invitationPreview', 'InvitationPreview', PREVIEW, { token })
      tell(`${seen.status}, opens ${seen.portalNames.join(', ')}, ${seen.usesRemaining} uses left`)
      tell(`"${seen.message.text}"`)
    })
    const accept = { input: { token: invite.token, guestName: 'Ada' } }
    const { grantToken } = await step('Accept it, as a guest', async () => {
      const accepted = await guest<Accepted>('acceptInvite', 'AcceptInvitePayload', ACCEPT_INVITE, accept)
      await events.heard('USED')
      return accepted
    })
    const open = { input: { grantToken, portalId: portal.id } }
    await step('Open the door', async (tell) => {
      const opened = await guest<Opened>('openPortal', 'OpenPortalPayload', OPEN_PORTAL, open)
      tell(`${opened.portal.name} is open, ${opened.openedAt}`)
    })
    await step('Revoke the invite', async () => {
      await host('revokeInvite', 'RevokeInvitePayload', REVOKE_INVITE, { id: invite.invite.id })
      await events.heard('REVOKED')
    })
    await step('Now neither the link nor the door opens', async (tell) => {
      const link = await guest<Closed>('acceptInvite', 'InvitationClosedError', ACCEPT_INVITE, accept)
      tell(`${link.reason}: ${link.message}`)
      const door = await guest<Closed>('openPortal', 'InvitationClosedError', OPEN_PORTAL, open)
      tell(`${door.reason}: ${door.message}`)
    })
  } finally {
    await events.stop()
  }
}

async function build(host: Ask) {
  const buildings = { [INTEGRATION]: [PORTAL, 'Service Door'], 'Parking Garage': ['Barrier'] }
  for (const [name, portals] of Object.entries(buildings)) {
    const made = await host<{ integration: Found }>(
      'createIntegration',
      'CreateIntegrationPayload',
      CREATE_INTEGRATION,
      { name },
    )
    for (const portal of portals) {
      const variables = { integrationId: made.integration.id, name: portal }
      await host('createPortal', 'CreatePortalPayload', CREATE_PORTAL, variables)
    }
  }
}

type Found = { id: string; name: string }
type Log = { edges: { cursor: string }[] }
type Created = { token: string; inviteUrl: string; invite: { id: string } }
type Preview = { status: string; portalNames: string[]; usesRemaining: number; message: { text: string } }
type Accepted = { grantToken: string }
type Opened = { openedAt: string; portal: Found }
type Closed = { reason: string; message: string }

const ERROR = '... on UserError { code message }'
const CREATE_INTEGRATION = `mutation ($name: String!) { createIntegration(input: { name: $name }) {
  __typename ... on CreateIntegrationPayload { integration { id } } ${ERROR} } }`
const CREATE_PORTAL = `mutation ($integrationId: ID!, $name: String!) {
  createPortal(input: { integrationId: $integrationId, name: $name }) { __typename ${ERROR} } }`
const FIND_INTEGRATION = `query ($name: String!) { organization {
  integrationByName(name: $name) { __typename ... on Integration { id name } ${ERROR} } } }`
const FIND_PORTAL = `query ($id: ID!, $name: String!) { node(id: $id) { ... on Integration {
  portalByName(name: $name, match: FUZZY) { __typename ... on Portal { id name } ${ERROR} } } } }`
const LAST_EVENT = '{ organization { invitationEvents(first: 100) { __typename edges { cursor } } } }'
const CREATE_INVITE = `mutation ($input: CreateInviteInput!) { createInvite(input: $input) {
  __typename ... on CreateInvitePayload { token inviteUrl invite { id } } ${ERROR} } }`
const PREVIEW = `query ($token: String!) { invitationPreview(token: $token) {
  __typename status portalNames usesRemaining message { text } } }`
const ACCEPT_INVITE = `mutation ($input: AcceptInviteInput!) { acceptInvite(input: $input) {
  __typename ... on AcceptInvitePayload { grantToken } ${ERROR} ... on InvitationClosedError { reason } } }`
const OPEN_PORTAL = `mutation ($input: OpenPortalInput!) { openPortal(input: $input) {
  __typename ... on OpenPortalPayload { openedAt portal { id name } } ${ERROR}
  ... on InvitationClosedError { reason } } }`
const REVOKE_INVITE = `mutation ($id: ID!) { revokeInvite(input: { id: $id }) { __typename ${ERROR} } }`

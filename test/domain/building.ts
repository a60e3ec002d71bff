import { type TestApp, testApp } from '../kit/app.ts'
import { ACCEPT_INVITE, asker, type House, house, invite, OPEN_PORTAL } from '../kit/story.ts'

/** One more integration of the house; its id. */
export async function addIntegration(of: House, name: string): Promise<string> {
  const { createIntegration } = await of.ask(
    `mutation ($name: String!) { createIntegration(input: { name: $name }) {
      ... on CreateIntegrationPayload { integration { id } } ... on UserError { message } } }`,
    { name },
  )
  return createIntegration.integration.id
}

/** One more portal, of the house's first integration unless another is named; its id. */
export async function addPortal(of: House, name: string, integrationId = of.integrationId): Promise<string> {
  const { createPortal } = await of.ask(
    `mutation ($input: CreatePortalInput!) { createPortal(input: $input) {
      ... on CreatePortalPayload { portal { id } } ... on UserError { message } } }`,
    { input: { integrationId, name } },
  )
  return createPortal.portal.id
}

const NUMBERS = Array.from({ length: 9 }, (_, index) => index)

/** One house of which every list has nine items, beside a neighbour who must never show up. */
export async function full() {
  const app = await testApp()
  const acme = await house(app)
  await neighbour(app)
  const [lobby = ''] = acme.portalIds
  const integrations = [acme.integrationId]
  const portals = [...acme.portalIds]
  const invites: string[] = []
  const grants: string[] = []
  const openings: string[] = []
  for (const number of NUMBERS.slice(1)) integrations.push(await addIntegration(acme, `Annex ${number}`))
  for (const number of NUMBERS.slice(2)) portals.push(await addPortal(acme, `Gate ${number}`))
  for (const number of NUMBERS) {
    const portalIds = number % 2 ? acme.portalIds : [lobby]
    invites.unshift((await invite(acme, { name: `Visit ${number}`, portalIds })).id)
  }
  const { token, id } = await invite(acme, { portalIds: acme.portalIds.slice(1) })
  const [, garage = ''] = acme.portalIds
  for (const _ of NUMBERS) {
    const { acceptInvite } = await asker(app)(ACCEPT_INVITE, { input: { token } })
    grants.unshift(acceptInvite.grant.id)
    await asker(app)(OPEN_PORTAL, { input: { grantToken: acceptInvite.grantToken, portalId: garage } })
  }
  const rows = await app.store.db.selectFrom('portal_openings').select('id').orderBy('id', 'desc').execute()
  openings.push(...rows.map((row) => row.id))
  return {
    app,
    acme,
    lobby,
    garage,
    integrations,
    portals,
    invites: [id, ...invites],
    grants,
    openings,
    grantsOf: id,
  }
}

async function neighbour(app: TestApp) {
  const other = await house(app, 'Neighbour')
  await invite(other)
}

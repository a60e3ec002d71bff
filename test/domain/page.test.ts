import { test } from 'vitest'
import { full } from './building.ts'
import { expectOrder, listOf } from './walking.ts'

test('every list can be walked forwards and backwards, and loses and repeats nothing', async () => {
  const { acme, lobby, garage, integrations, portals, invites, grants, openings, grantsOf } = await full()
  const ofLobby = invites.slice(1)
  const ofGarage = [grantsOf, ...invites.slice(1).filter((_, index) => index % 2 === 1)]
  const sizes = [1, 4, 7]
  await expectOrder(listOf(acme, acme.id, 'Organization', 'integrations'), integrations, sizes)
  await expectOrder(listOf(acme, acme.integrationId, 'Integration', 'portals'), portals, sizes)
  await expectOrder(listOf(acme, acme.id, 'Organization', 'invites'), invites, sizes)
  await expectOrder(listOf(acme, acme.integrationId, 'Integration', 'invites'), invites, sizes)
  await expectOrder(listOf(acme, lobby, 'Portal', 'invites'), ofLobby, sizes)
  await expectOrder(listOf(acme, garage, 'Portal', 'invites'), ofGarage, sizes)
  await expectOrder(listOf(acme, grantsOf, 'Invite', 'grants'), grants, sizes)
  await expectOrder(listOf(acme, garage, 'Portal', 'openings'), openings, sizes)
  await expectOrder(listOf(acme, lobby, 'Portal', 'openings'), [], [1])
})

test('filtered lists likewise', async () => {
  const { acme, lobby, garage, integrations, portals, invites, grantsOf } = await full()
  const ofGarage = [grantsOf, ...invites.slice(1).filter((_, index) => index % 2 === 1)]
  const annexes = listOf(acme, acme.id, 'Organization', 'integrations', 'search: " ANNEX "')
  await expectOrder(annexes, integrations.slice(1), [3])
  const gates = listOf(acme, acme.integrationId, 'Integration', 'portals', 'search: "ate"')
  await expectOrder(gates, portals.slice(2), [3])
  for (const [id, type] of [
    [acme.id, 'Organization'],
    [acme.integrationId, 'Integration'],
  ] as const) {
    const by = (filter: string) => listOf(acme, id, type, 'invites', `filter: { ${filter} }`)
    await expectOrder(by(`portalId: "${garage}"`), ofGarage, [2])
    await expectOrder(by(`search: "VISIT"`), invites.slice(1), [4])
    await expectOrder(by(`search: "visit 3", statuses: [PENDING]`), invites.slice(6, 7), [1])
    await expectOrder(by(`statuses: [REVOKED]`), [], [1])
  }
  const both = listOf(
    acme,
    lobby,
    'Portal',
    'invites',
    `filter: { portalId: "${garage}", statuses: [PENDING] }`,
  )
  await expectOrder(both, ofGarage.slice(1), [3])
})

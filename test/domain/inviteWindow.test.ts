import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { CREATE_INVITE, type House, house, invite } from '../kit/story.ts'
import { DAY, HOUR, WEEK } from '../kit/time.ts'

const create = async (acme: House, input: object) => {
  const { createInvite } = await acme.ask(CREATE_INVITE, {
    input: { integrationId: acme.integrationId, portalIds: acme.portalIds, ...input },
  })
  return createInvite
}

test('without an end, an invite is open for the organization’s default, seven days, from its start', async () => {
  const app = await testApp()
  const acme = await house(app)
  const at = (ms: number) => new Date(app.time.now() + ms).toISOString()
  expect((await invite(acme)).invite).toMatchObject({
    validFrom: at(0),
    validTo: at(WEEK),
    status: 'PENDING',
  })
  expect((await invite(acme, { startsIn: '1d' })).invite).toMatchObject({
    validFrom: at(DAY),
    validTo: at(DAY + WEEK),
    status: 'SCHEDULED',
  })

  await app.store.write((tx) =>
    tx.db.updateTable('organizations').set({ default_validity: HOUR }).where('id', '=', acme.id).execute(),
  )
  expect((await invite(acme)).invite.validTo).toBe(at(HOUR))
})

test('expiresIn excludes validTo and startsIn excludes validFrom: both faults are told at once', async () => {
  const app = await testApp()
  const acme = await house(app)
  const at = (ms: number) => new Date(app.time.now() + ms).toISOString()
  const refused = await create(acme, {
    expiresIn: '1h',
    validTo: at(HOUR),
    startsIn: '1h',
    validFrom: at(HOUR),
    maxUses: 0,
    name: ' ',
  })
  const paths = refused.issues.map((issue: { path: string[] }) => issue.path[0])
  expect(paths.sort()).toEqual(['expiresIn', 'maxUses', 'name', 'startsIn'])
  expect((await create(acme, { expiresIn: null, validTo: at(HOUR), startsIn: null })).__typename).toBe(
    'CreateInvitePayload',
  )
})

test('a window ends after it opens, in the future, and in a year of four digits', async () => {
  const app = await testApp()
  const acme = await house(app)
  const at = (ms: number) => new Date(app.time.now() + ms).toISOString()
  const refused: [object, string][] = [
    [{ validTo: at(0) }, 'validTo'],
    [{ validTo: at(-1) }, 'validTo'],
    [{ validFrom: at(HOUR), validTo: at(HOUR) }, 'validTo'],
    [{ startsIn: '2h', validTo: at(HOUR) }, 'validTo'],
    [{ validFrom: at(-2 * HOUR), expiresIn: '2h' }, 'expiresIn'],
    [{ validFrom: at(-WEEK) }, 'validFrom'],
    [{ validFrom: '9999-12-31T00:00:00Z' }, 'validFrom'],
    [{ validFrom: '9999-12-31T00:00:00Z', expiresIn: '1d' }, 'expiresIn'],
  ]
  for (const [input, path] of refused) {
    const { __typename, issues } = await create(acme, input)
    expect(__typename, JSON.stringify(input)).toBe('InvalidInputError')
    expect(issues[0].path, JSON.stringify(input)).toEqual([path])
  }
  const accepted = [
    { validTo: at(1) },
    { validFrom: at(HOUR), validTo: at(HOUR + 1) },
    { validFrom: at(-2 * HOUR), expiresIn: '7201s' },
    { validFrom: '9999-12-31T00:00:00Z', validTo: '9999-12-31T23:59:59.999Z' },
  ]
  for (const input of accepted)
    expect((await create(acme, input)).__typename, JSON.stringify(input)).toBe('CreateInvitePayload')
})

test('portals: at least one, each once, of this integration and in the order given', async () => {
  const app = await testApp()
  const acme = await house(app)
  const other = await house(app, 'Other')
  const [lobby, garage] = acme.portalIds
  const { createIntegration } = await acme.ask(
    `mutation { createIntegration(input: { name: "Annex" }) { ... on CreateIntegrationPayload { integration { id } } } }`,
  )
  const annex = createIntegration.integration.id

  expect((await create(acme, { portalIds: [] })).issues[0].path).toEqual(['portalIds'])
  expect((await create(acme, { portalIds: [lobby, lobby] })).issues[0].path).toEqual(['portalIds'])
  const elsewhere = await create(acme, { integrationId: annex, portalIds: [lobby, garage] })
  expect(elsewhere.issues.map((issue: { path: string[] }) => issue.path)).toEqual([
    ['portalIds', '0'],
    ['portalIds', '1'],
  ])
  expect((await create(acme, { portalIds: [lobby, other.portalIds[0]] })).code).toBe('NOT_FOUND')
  expect((await create(acme, { integrationId: other.integrationId })).code).toBe('NOT_FOUND')
  expect((await create(acme, { portalIds: [acme.integrationId] })).issues[0].path).toEqual(['portalIds', '0'])

  const { id } = await invite(acme, { portalIds: [garage, lobby] })
  const read = await acme.ask(`query ($id: ID!) { invite(id: $id) { portals { id } } }`, { id })
  expect(read.invite.portals.map((portal: { id: string }) => portal.id)).toEqual([garage, lobby])
})

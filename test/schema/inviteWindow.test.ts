import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { dumpOfThings } from '../kit/dump.ts'
import { CREATE_INVITE, type House, house } from '../kit/story.ts'
import { DAY, HOUR, SECOND, WEEK } from '../kit/time.ts'

const create = async (of: House, input: object) =>
  (
    await of.ask(CREATE_INVITE, {
      input: { integrationId: of.integrationId, portalIds: of.portalIds, ...input },
    })
  ).createInvite

const pathsOf = (error: { issues: { path: string[] }[] }) => error.issues.map(({ path }) => path.join('.'))

test('durations: ISO 8601 and compact; m and M are minutes', async () => {
  const app = await testApp()
  const acme = await house(app)
  const durations: Record<string, number> = {
    PT1H: HOUR,
    P1W: WEEK,
    P1DT2H3M4S: DAY + 2 * HOUR + 184 * SECOND,
    '90s': 90 * SECOND,
    '5m': 300 * SECOND,
    '5M': 300 * SECOND,
    '2h30m': 2.5 * HOUR,
    '1w2d': 9 * DAY,
    '3650d': 3650 * DAY,
    ' 1h ': HOUR,
  }
  for (const [expiresIn, ms] of Object.entries(durations)) {
    const { invite } = await create(acme, { expiresIn })
    expect(Date.parse(invite.validTo) - Date.parse(invite.validFrom), expiresIn).toBe(ms)
  }
})

test('what is no duration is refused, at both ends, and nothing changes', async () => {
  const app = await testApp()
  const acme = await house(app)
  const before = await dumpOfThings(app)
  const wrong = [
    '1y',
    'P1Y',
    'P1M',
    '1.5h',
    '5',
    '',
    ' ',
    '0s',
    'PT0S',
    '-1h',
    '3651d',
    'P3651D',
    'PT',
    'P',
    '1h1h',
  ]
  for (const text of [...wrong, 'forever', '1 h', '1H', '1e3s', `${'9'.repeat(400)}d`, 'PT1.5H', 'P1W1']) {
    for (const field of ['expiresIn', 'startsIn']) {
      const error = await create(acme, { [field]: text })
      expect(error, `${field}: ${text}`).toMatchObject({
        __typename: 'InvalidInputError',
        issues: [{ path: [field], message: expect.stringContaining('ISO 8601') }],
      })
    }
  }
  expect(await dumpOfThings(app)).toEqual(before)
})

test('an end and a duration exclude each other; so do the two ways to begin', async () => {
  const app = await testApp()
  const acme = await house(app)
  const at = '2031-01-01T00:00:00Z'
  expect(pathsOf(await create(acme, { expiresIn: '1h', validTo: at }))).toEqual(['expiresIn'])
  expect(pathsOf(await create(acme, { startsIn: '1h', validFrom: at }))).toEqual(['startsIn'])
  const both = { expiresIn: '1h', validTo: at, startsIn: '1h', validFrom: at }
  expect(pathsOf(await create(acme, both))).toEqual(['expiresIn', 'startsIn'])
})

test('the window must end in the future and after it begins', async () => {
  const app = await testApp()
  const acme = await house(app)
  const now = new Date(app.time.now()).toISOString()
  expect(pathsOf(await create(acme, { validFrom: '2020-01-01T00:00:00Z', validTo: now }))).toEqual([
    'validTo',
  ])
  const end = '2031-01-01T00:00:00Z'
  expect(pathsOf(await create(acme, { validFrom: end, validTo: end }))).toEqual(['validTo'])
  const past = await create(acme, { validFrom: '2020-01-01T00:00:00Z', expiresIn: '1h' })
  expect(pathsOf(past)).toEqual(['expiresIn'])
  const endless = await create(acme, { validFrom: '9999-12-31T00:00:00Z', expiresIn: '3650d' })
  expect(pathsOf(endless)).toEqual(['expiresIn'])
})

test('portals: of this integration, each once, 1 to 100', async () => {
  const app = await testApp()
  const acme = await house(app)
  const other = await house(app, 'Other')
  const { createIntegration } = await acme.ask(
    'mutation { createIntegration(input: { name: "Annex" }) { ... on CreateIntegrationPayload { integration { id } } } }',
  )
  const annex = { integrationId: createIntegration.integration.id }
  const before = await dumpOfThings(app)
  const [lobby = '', garage = ''] = acme.portalIds

  const elsewhere = { ...annex, portalIds: [lobby, garage], validTo: '2020-01-01T00:00:00Z' }
  expect(pathsOf(await create(acme, elsewhere))).toEqual([...['portalIds.0', 'portalIds.1'], 'validTo'])
  expect(pathsOf(await create(acme, { portalIds: [lobby, lobby] }))).toEqual(['portalIds'])
  expect(pathsOf(await create(acme, { portalIds: [] }))).toEqual(['portalIds'])
  expect(pathsOf(await create(acme, { portalIds: Array(101).fill(lobby) }))).toContain('portalIds')
  for (const input of [{ portalIds: [lobby, ...other.portalIds] }, { integrationId: other.integrationId }]) {
    expect(await create(acme, input)).toMatchObject({ __typename: 'NotFoundError' })
  }
  expect(await dumpOfThings(app)).toEqual(before)
})

test('every fault of an input is told at once', async () => {
  const app = await testApp()
  const acme = await house(app)
  const error = await create(acme, {
    integrationId: acme.id,
    portalIds: ['x', acme.portalIds[0], acme.integrationId],
    name: ' ',
    expiresIn: '1y',
    validTo: '2031-01-01T00:00:00Z',
    startsIn: '5',
    validFrom: '2031-01-01T00:00:00Z',
    maxUses: 0,
    inviteeMessage: [
      { locale: 'en', text: '' },
      { locale: 'EN', text: 'Hello' },
    ],
    idempotencyKey: '',
  })
  expect(new Set(pathsOf(error))).toEqual(
    new Set([
      ...['integrationId', 'portalIds.0', 'portalIds.2', 'name', 'expiresIn', 'startsIn', 'maxUses'],
      ...['inviteeMessage.0.text', 'inviteeMessage', 'idempotencyKey'],
    ]),
  )
})

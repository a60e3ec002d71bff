import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { ACCEPT_INVITE, asker, house, invite, OPEN_PORTAL, REVOKE_INVITE } from '../kit/story.ts'
import { DAY, HOUR } from '../kit/time.ts'
import { does, story } from './changing.ts'

async function acmeHouse() {
  const app = await testApp()
  const acme = await house(app)
  const at = (ms: number) => new Date(app.time.now() + ms).toISOString()
  const update = (id: string, input: object) => does(acme.ask, 'updateInvite', { id, ...input })
  const accept = async (token: string) => (await asker(app)(ACCEPT_INVITE, { input: { token } })).acceptInvite
  return { app, acme, at, update, accept }
}

const pathsOf = (answer: { issues: { path: string[] }[] }) => answer.issues.map(({ path }) => path.join('.'))

test('what is given changes, what is left out stays, and null clears what can be without', async () => {
  const { app, acme, at, update } = await acmeHouse()
  const inviteeMessage = [{ locale: 'en', text: 'Hello' }]
  const { id, invite: made } = await invite(acme, { name: 'Party', maxUses: 3, inviteeMessage })
  app.time.advance(HOUR)
  const same = { id, name: 'Party', maxUses: 3, inviteeMessages: inviteeMessage, validTo: made.validTo }
  expect((await update(id, {})).invite).toMatchObject({ ...same, version: 2 })
  expect((await update(id, { name: ' Wedding ' })).invite).toMatchObject({
    ...same,
    name: 'Wedding',
    version: 3,
  })
  const cleared = await update(id, {
    ...{ name: null, maxUses: null, inviteeMessage: null, portalIds: null },
    ...{ validFrom: null, validTo: null, expiresIn: null, startsIn: null },
  })
  expect(cleared.invite).toMatchObject({
    ...{ name: null, maxUses: null, inviteeMessages: [], version: 4 },
    ...{ validFrom: made.validFrom, validTo: made.validTo, portals: [{}, {}] },
  })
  expect((await update(id, { validTo: at(DAY), maxUses: 1 })).invite).toMatchObject({
    ...{ validFrom: made.validFrom, validTo: at(DAY), maxUses: 1 },
  })
})

test('portals are changed with what the invite granted, in their order, and of its integration only', async () => {
  const { app, acme, update, accept } = await acmeHouse()
  const other = await house(app, 'Other')
  const [lobby = '', garage = ''] = acme.portalIds
  const { id, token } = await invite(acme, { portalIds: [lobby] })
  const { grantToken } = await accept(token)
  const open = async (portalId: string) =>
    (await asker(app)(OPEN_PORTAL, { input: { grantToken, portalId } })).openPortal.__typename
  expect(await open(garage)).toBe('NotFoundError')
  expect((await update(id, { portalIds: [garage, lobby] })).invite.portals).toEqual([
    { id: garage },
    { id: lobby },
  ])
  expect(await open(garage)).toBe('OpenPortalPayload')
  expect(await update(id, { portalIds: other.portalIds })).toMatchObject({ code: 'NOT_FOUND' })
  expect(pathsOf(await update(id, { portalIds: [lobby, lobby] }))).toEqual(['portalIds'])
  expect(await does(other.ask, 'updateInvite', { id, name: 'x' })).toMatchObject({ code: 'NOT_FOUND' })
})

test('windows are as in creation: each end in one way, in order, in the future; durations from the beginning', async () => {
  const { app, acme, at, update } = await acmeHouse()
  const { id } = await invite(acme, { validFrom: at(HOUR), validTo: at(DAY) })
  expect(
    pathsOf(await update(id, { validTo: at(HOUR), expiresIn: '1h', validFrom: at(0), startsIn: '1h' })),
  ).toEqual([...['expiresIn', 'startsIn']])
  const wrong: [object, string][] = [
    [{ validTo: at(HOUR) }, 'validTo'],
    [{ validTo: at(0) }, 'validTo'],
    [{ validFrom: at(DAY) }, 'validFrom'],
    [{ startsIn: '1d' }, 'startsIn'],
    [{ validFrom: at(-DAY), expiresIn: '1d' }, 'expiresIn'],
    [{ validFrom: '9999-12-31T00:00:00Z', expiresIn: '3650d' }, 'expiresIn'],
  ]
  for (const [input, path] of wrong) expect(pathsOf(await update(id, input)), path).toEqual([path])
  expect((await update(id, { expiresIn: '2h' })).invite).toMatchObject({
    validFrom: at(HOUR),
    validTo: at(3 * HOUR),
  })
  expect((await update(id, { startsIn: '2h', expiresIn: '2h' })).invite).toMatchObject({
    ...{ status: 'SCHEDULED', validFrom: at(2 * HOUR), validTo: at(4 * HOUR) },
  })
  expect((await update(id, { validFrom: at(-1) })).invite).toMatchObject({ status: 'PENDING' })
  app.time.advance(DAY)
  await app.clock.start()
  expect(await story(app, id)).toEqual([
    ...['CREATED - > SCHEDULED', 'UPDATED SCHEDULED > SCHEDULED', 'UPDATED SCHEDULED > SCHEDULED'],
    ...['UPDATED SCHEDULED > PENDING', 'EXPIRED PENDING > EXPIRED'],
  ])
})

test('an expired invite is open again once it ends later, whether or not the clock has seen it, and expires again', async () => {
  const { app, acme, at, update, accept } = await acmeHouse()
  const { id, token } = await invite(acme, { validTo: at(HOUR) })
  await app.clock.stop()
  app.time.advance(HOUR)
  expect((await update(id, { name: 'Late' })).invite).toMatchObject({ status: 'EXPIRED', name: 'Late' })
  expect(pathsOf(await update(id, { startsIn: '1h' }))).toEqual(['startsIn'])
  expect((await update(id, { validTo: at(HOUR) })).invite).toMatchObject({ status: 'PENDING' })
  expect((await accept(token)).__typename).toBe('AcceptInvitePayload')
  app.time.advance(2 * HOUR)
  expect(await accept(token)).toMatchObject({ reason: 'EXPIRED' })
  await update(id, { name: 'Over' })
  expect(await story(app, id)).toEqual([
    ...['CREATED - > PENDING', 'EXPIRED PENDING > EXPIRED', 'UPDATED EXPIRED > EXPIRED'],
    ...['UPDATED EXPIRED > PENDING', 'USED PENDING > PENDING', 'EXPIRED PENDING > EXPIRED'],
    'UPDATED EXPIRED > EXPIRED',
  ])
})

test('uses: never fewer than are spent; more of them open what was exhausted', async () => {
  const { app, acme, update, accept } = await acmeHouse()
  const { id, token } = await invite(acme, { maxUses: 2 })
  await accept(token)
  await accept(token)
  expect(pathsOf(await update(id, { maxUses: 1 }))).toEqual(['maxUses'])
  expect((await update(id, { maxUses: 2 })).invite).toMatchObject({ status: 'EXHAUSTED', maxUses: 2 })
  expect((await update(id, { maxUses: 3 })).invite).toMatchObject({ status: 'PENDING', uses: 2 })
  await accept(token)
  expect((await update(id, { maxUses: null })).invite).toMatchObject({ status: 'PENDING', uses: 3 })
  expect((await story(app, id)).filter((event) => event.startsWith('UPDATED'))).toEqual([
    ...['UPDATED EXHAUSTED > EXHAUSTED', 'UPDATED EXHAUSTED > PENDING', 'UPDATED EXHAUSTED > PENDING'],
  ])
})

test('of changes of one version at once, one wins; the others are shown what it is now', async () => {
  const { acme, update } = await acmeHouse()
  const { id } = await invite(acme)
  const answers = await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) => update(id, { name, expectedVersion: 1 })),
  )
  expect(answers.filter((answer) => answer.invite?.version === 2)).toHaveLength(1)
  const current = { __typename: 'Invite', id, status: 'PENDING', version: 2 }
  expect(answers.filter(({ code }) => code === 'CONFLICT').map((answer) => answer.current)).toEqual([
    ...[current, current, current],
  ])
  await acme.ask(REVOKE_INVITE, { id })
  expect(await update(id, { name: 'x', expectedVersion: 2 })).toMatchObject({
    current: { ...current, status: 'REVOKED', version: 3 },
  })
  expect(await update(id, { name: 'x', expectedVersion: 3 })).toMatchObject({ reason: 'REVOKED' })
})

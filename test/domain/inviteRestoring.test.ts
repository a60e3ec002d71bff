import { expect, test } from 'vitest'
import { keyOf, testApp } from '../kit/app.ts'
import { ACCEPT_INVITE, asker, house, invite, OPEN_PORTAL, REVOKE_INVITE } from '../kit/story.ts'
import { HOUR } from '../kit/time.ts'
import { does, story } from './changing.ts'

async function party(input: object = {}) {
  const app = await testApp()
  const acme = await house(app)
  const { id, token } = await invite(acme, { expiresIn: '2h', ...input })
  const accept = async (link = token) =>
    (await asker(app)(ACCEPT_INVITE, { input: { token: link } })).acceptInvite
  const revoke = async () => (await acme.ask(REVOKE_INVITE, { id })).revokeInvite
  const restore = () => does(acme.ask, 'restoreInvite', { id })
  const regenerate = (more: object = {}) => does(acme.ask, 'regenerateInviteToken', { id, ...more })
  const can = async (ask = acme.ask) =>
    (
      await ask(
        `query ($id: ID!) { invite(id: $id) {
          revoke: viewerCanRevoke { allowed code } update: viewerCanUpdate { allowed code }
          restore: viewerCanRestore { allowed code } } }`,
        { id },
      )
    ).invite
  return { app, acme, id, token, accept, revoke, restore, regenerate, can }
}

const yes = { allowed: true, code: null }
const no = (code: string) => ({ allowed: false, code })

test('a revoked invite is given again while its window is open: its link and its grants work as before', async () => {
  const { app, acme, id, accept, revoke, restore, can } = await party()
  expect(await restore()).toMatchObject({ code: 'CONFLICT', current: { id, version: 1 } })
  expect(await can()).toEqual({ revoke: yes, update: yes, restore: no('CONFLICT') })
  const { grantToken } = await accept()
  const open = async () =>
    (await asker(app)(OPEN_PORTAL, { input: { grantToken, portalId: acme.portalIds[0] } })).openPortal
  await revoke()
  expect(await open()).toMatchObject({ reason: 'REVOKED' })
  expect(await can()).toEqual({ revoke: no('REVOKED'), update: no('REVOKED'), restore: yes })
  expect((await restore()).invite).toMatchObject({ status: 'PENDING', revokedAt: null, uses: 1, version: 3 })
  expect((await open()).__typename).toBe('OpenPortalPayload')
  expect((await accept()).__typename).toBe('AcceptInvitePayload')
  await revoke()
  app.time.advance(2 * HOUR)
  expect(await restore()).toMatchObject({ reason: 'EXPIRED' })
  expect(await can()).toEqual({ revoke: no('REVOKED'), update: no('REVOKED'), restore: no('EXPIRED') })
  expect(await story(app, id)).toEqual([
    ...['CREATED - > PENDING', 'USED PENDING > PENDING', 'REVOKED PENDING > REVOKED'],
    ...['RESTORED REVOKED > PENDING', 'USED PENDING > PENDING', 'REVOKED PENDING > REVOKED'],
  ])
})

test('what time did while it was revoked is told when it is given again; what it does later, as ever', async () => {
  const { app, id, revoke, restore } = await party({ startsIn: '1h', maxUses: 1 })
  await revoke()
  expect((await restore()).invite.status).toBe('SCHEDULED')
  await revoke()
  app.time.advance(HOUR)
  expect((await restore()).invite.status).toBe('PENDING')
  app.time.advance(2 * HOUR)
  await app.clock.start()
  expect(await story(app, id)).toEqual([
    ...['CREATED - > SCHEDULED', 'REVOKED SCHEDULED > REVOKED', 'RESTORED REVOKED > SCHEDULED'],
    ...['REVOKED SCHEDULED > REVOKED', 'RESTORED REVOKED > PENDING', 'EXPIRED PENDING > EXPIRED'],
  ])
})

test('a new link: the old one is unknown at once, grants stay, and the secret is shown once', async () => {
  const { app, id, accept, regenerate } = await party()
  const { grant } = await accept()
  const made = await regenerate({ idempotencyKey: 'once' })
  expect(made).toMatchObject({
    inviteUrl: `https://latchkey.test/invite/${made.token}`,
    ...{ replayed: false, invite: { id, status: 'PENDING', uses: 1, version: 2 } },
  })
  expect(await accept()).toMatchObject({ code: 'NOT_FOUND' })
  expect((await accept(made.token)).grant.id).not.toBe(grant.id)
  expect(await regenerate({ idempotencyKey: 'once' })).toMatchObject({
    ...{ token: null, inviteUrl: null, replayed: true, invite: { id, version: 2 } },
  })
  expect(await regenerate({ expectedVersion: 1 })).toMatchObject({ current: { version: 2 } })
  expect((await story(app, id)).filter((event) => event.startsWith('UPDATED'))).toHaveLength(1)
})

test('no new link for what is revoked or has expired; one for what is scheduled or exhausted', async () => {
  const { app, accept, revoke, restore, regenerate } = await party({
    startsIn: '1h',
    expiresIn: '1h',
    maxUses: 1,
  })
  const { token } = await regenerate()
  app.time.advance(HOUR)
  await accept(token)
  expect(await regenerate()).toMatchObject({ invite: { status: 'EXHAUSTED' } })
  await revoke()
  expect(await regenerate()).toMatchObject({ reason: 'REVOKED' })
  await restore()
  app.time.advance(HOUR)
  expect(await regenerate()).toMatchObject({ reason: 'EXPIRED' })
})

test('who may not change invites is told so, and does not', async () => {
  const { app, acme, id, can } = await party()
  const viewer = asker(app, (await keyOf(app, acme.id, 'ORG_VIEWER')).key)
  expect(await can(viewer)).toEqual({
    ...{ revoke: no('FORBIDDEN'), update: no('FORBIDDEN'), restore: no('FORBIDDEN') },
  })
  await expect(does(viewer, 'updateInvite', { id, name: 'x' })).rejects.toThrow('FORBIDDEN')
})

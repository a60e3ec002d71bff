import { expect, test } from 'vitest'
import { testApp } from './kit/app.ts'
import { ACCEPT_INVITE, asker, house, invite, OPEN_PORTAL, REVOKE_INVITE } from './kit/story.ts'

test('the door story: create, accept, open, revoke, and nothing opens any more', async () => {
  const app = await testApp()
  const acme = await house(app)
  const stranger = asker(app)
  const { token, id, inviteUrl } = await invite(acme, { maxUses: 50 })
  expect(inviteUrl).toBe(`https://latchkey.test/invite/${token}`)

  const { acceptInvite } = await stranger(ACCEPT_INVITE, { input: { token, guestName: 'Ada' } })
  expect(acceptInvite.grant.portals.map((portal: { name: string }) => portal.name)).toEqual([
    'Lobby',
    'Garage',
  ])

  const open = { input: { grantToken: acceptInvite.grantToken, portalId: acme.portalIds[0] } }
  expect((await stranger(OPEN_PORTAL, open)).openPortal.portal.name).toBe('Lobby')
  expect((await acme.ask(REVOKE_INVITE, { id })).revokeInvite.invite.status).toBe('REVOKED')
  expect((await stranger(OPEN_PORTAL, open)).openPortal).toMatchObject({ reason: 'REVOKED' })
  expect((await stranger(ACCEPT_INVITE, { input: { token } })).acceptInvite).toMatchObject({
    __typename: 'InvitationClosedError',
    reason: 'REVOKED',
  })
})

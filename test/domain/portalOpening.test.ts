import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { ACCEPT_INVITE, asker, type House, house, invite, OPEN_PORTAL, REVOKE_INVITE } from '../kit/story.ts'
import { HOUR } from '../kit/time.ts'

const OPENINGS = `query ($id: ID!) { node(id: $id) { ... on Portal {
  openings { totalCount edges { node { allowed refusal attemptedAt portal { id } grant { id guestName } } } }
} } }`

async function doors(options: object = {}) {
  const app = await testApp()
  const acme = await house(app)
  const stranger = asker(app)
  const made = await invite(acme, options)
  const { acceptInvite } = await stranger(ACCEPT_INVITE, { input: { token: made.token, guestName: 'Ada' } })
  const open = async (portalId: string | undefined, grantToken: string = acceptInvite.grantToken) =>
    (await stranger(OPEN_PORTAL, { input: { grantToken, portalId } })).openPortal
  return { app, acme, stranger, made, grant: acceptInvite.grant, open }
}

const openings = async (of: House, id: string | undefined) =>
  (await of.ask(OPENINGS, { id })).node.openings.edges.map(({ node }: { node: object }) => node)

test('a grant outlives the exhaustion of its invite, but not its window', async () => {
  const { app, acme, open } = await doors({ maxUses: 1, expiresIn: '1h' })
  const [lobby] = acme.portalIds
  expect(await open(lobby)).toMatchObject({ portal: { id: lobby } })
  app.time.advance(HOUR - 1)
  expect(await open(lobby)).toMatchObject({ portal: { id: lobby } })
  app.time.advance(1)
  expect(await open(lobby)).toMatchObject({ code: 'INVITATION_CLOSED', reason: 'EXPIRED' })
})

test('every attempt is recorded: who, which, when, allowed or refused and why', async () => {
  const { app, acme, grant, open } = await doors({ expiresIn: '1h' })
  const [lobby, garage] = acme.portalIds
  const { portal, openedAt } = await open(lobby)
  expect(portal.id).toBe(lobby)
  expect(openedAt).toBe(new Date(app.time.now()).toISOString())
  app.time.advance(HOUR)
  await open(lobby)

  const attempt = { portal: { id: lobby }, grant: { id: grant.id, guestName: 'Ada' } }
  expect(await openings(acme, lobby)).toEqual([
    { ...attempt, allowed: false, refusal: 'EXPIRED', attemptedAt: new Date(app.time.now()).toISOString() },
    { ...attempt, allowed: true, refusal: null, attemptedAt: openedAt },
  ])
  expect(await openings(acme, garage)).toEqual([])
})

test('a revoked invite’s grants open nothing, and that is recorded', async () => {
  const { acme, made, open } = await doors()
  const [lobby] = acme.portalIds
  await acme.ask(REVOKE_INVITE, { id: made.id })
  expect(await open(lobby)).toMatchObject({ reason: 'REVOKED' })
  expect(await openings(acme, lobby)).toMatchObject([{ allowed: false, refusal: 'REVOKED' }])
})

test('a portal outside the grant stays shut and is recorded; a stranger’s portal leaves no trace', async () => {
  const { app, acme, stranger, open } = await doors()
  const [lobby, garage] = acme.portalIds
  const other = await house(app, 'Other')
  const { token } = await invite(acme, { portalIds: [lobby] })
  const { acceptInvite } = await stranger(ACCEPT_INVITE, { input: { token } })

  expect(await open(garage, acceptInvite.grantToken)).toMatchObject({ code: 'NOT_FOUND' })
  expect(await openings(acme, garage)).toMatchObject([{ allowed: false, refusal: 'NOT_GRANTED' }])
  expect(await open(other.portalIds[0])).toMatchObject({ code: 'NOT_FOUND' })
  expect(await openings(other, other.portalIds[0])).toEqual([])
  expect(await openings(acme, lobby)).toEqual([])
})

test('an unknown grant token opens nothing and is nobody’s attempt', async () => {
  const { app, acme, made, open } = await doors()
  const [lobby] = acme.portalIds
  for (const token of ['', 'nonsense', made.token, acme.key, `lk_grant_${'A'.repeat(43)}`])
    expect(await open(lobby, token), token.slice(0, 9)).toMatchObject({ code: 'NOT_FOUND' })
  expect(await app.store.db.selectFrom('portal_openings').selectAll().execute()).toEqual([])
})

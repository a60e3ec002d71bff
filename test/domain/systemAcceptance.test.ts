import { expect, test } from 'vitest'
import type { Role } from '#domain/access.ts'
import { newId } from '#domain/ids.ts'
import { addLink } from '#domain/links.ts'
import { insertMembership } from '#domain/member.ts'
import type { TestApp } from '../kit/app.ts'
import { asked } from '../kit/estate.ts'
import { ACCEPT_MEMBER_INVITATION, asker, CREATE_MEMBER_INVITATION, type House } from '../kit/story.ts'
import { DAY, HOUR } from '../kit/time.ts'
import { does, story } from './changing.ts'
import { hosts, REVOKE_GUEST_INVITATION } from './hosting.ts'

/** A member with this verified address. */
const member = ({ store }: TestApp, organizationId: string, email: string, role: Role = 'ORG_ADMIN') =>
  store.write(async (tx) => {
    const id = newId('User')
    const identity = { id, issuer: 'https://issuer.example', subject: id, name: null, created_at: tx.now }
    await tx.db
      .insertInto('users')
      .values({ ...identity, email, email_key: email.toLowerCase() })
      .execute()
    return insertMembership(tx, { organizationId, userId: id, role, accessType: 'ALL' })
  })

/** Two organizations, of which the other one has administrators. */
async function neighbours({ connect }: { connect: boolean }) {
  const made = await hosts()
  const { app, acme, other } = made
  await member(app, other.id, 'Ada@other.example')
  await member(app, other.id, 'bob@other.example')
  await member(app, other.id, 'clerk@other.example', 'ORG_MEMBER')
  const connectionId = await asked(app, other.id, acme.id, connect ? { at: app.time.now() } : {})
  const status = async (of: House, id: string) =>
    (await of.ask('query ($id: ID!) { guestInvitation(id: $id) { status acceptedVia } }', { id }))
      .guestInvitation
  const mails = async () =>
    (await app.store.db.selectFrom('mails').select('email').execute()).map((mail) => mail.email)
  const guests = async () =>
    (await app.store.db.selectFrom('guest_invitations').select('guest_organization_id as id').execute()).map(
      ({ id }) => id,
    )
  return { ...made, connectionId, status, mails, guests }
}

const BY_SYSTEM = { status: 'ACCEPTED', acceptedVia: 'SYSTEM' }
const OPEN = { status: 'PENDING', acceptedVia: null }

test('an invitation to an administrator of a connected organization is accepted at once, and not sent', async () => {
  const { app, acme, other, at, create, mails, guests } = await neighbours({ connect: true })
  const made = await does(acme.ask, 'createGuestInvitation', {
    email: 'ada@OTHER.example',
    expiresAt: at(DAY),
    idempotencyKey: 'once',
  })
  expect(made).toMatchObject({ token: null, inviteUrl: null, replayed: false })
  expect(made.guestInvitation).toMatchObject({ ...BY_SYSTEM, acceptedAt: at(0), expired: false })
  expect(await guests()).toEqual([other.id])
  expect(await mails()).toEqual([])
  const { id } = made.guestInvitation
  expect(await story(app, id)).toEqual(['CREATED - > PENDING', 'ACCEPTED PENDING > ACCEPTED'])
  const actors = await app.store.db
    .selectFrom('invitation_events')
    .select('actor_id')
    .orderBy('sequence')
    .execute()
  expect(actors).toEqual([{ actor_id: acme.keyId }, { actor_id: null }])
  expect(
    await does(acme.ask, 'createGuestInvitation', {
      email: 'ada@other.example',
      expiresAt: at(DAY),
      idempotencyKey: 'once',
    }),
  ).toMatchObject({ replayed: true, guestInvitation: { id } })
  // Both ways, and only whoever acts for the organization.
  expect((await create(other, 'ada@other.example')).guestInvitation.status).toBe('PENDING')
  expect((await create(acme, 'clerk@other.example')).guestInvitation.status).toBe('PENDING')
})

test('who is no administrator any more, or not connected, is invited as anybody', async () => {
  const { app, acme, other, create, connectionId } = await neighbours({ connect: true })
  await app.store.write((tx) =>
    tx.db.updateTable('memberships').set({ removed_at: tx.now }).where('role', '=', 'ORG_ADMIN').execute(),
  )
  expect((await create(acme, 'ada@other.example')).token).toMatch(/^lk_guest_/)
  await member(app, other.id, 'eve@other.example')
  expect((await create(acme, 'eve@other.example')).token).toBeNull()
  await does(acme.ask, 'disconnectOrganization', { id: connectionId })
  expect((await create(acme, 'eve@other.example')).token).toMatch(/^lk_guest_/)
})

test('an address that nobody has shown to be theirs is nobody’s: its invitation stays open', async () => {
  const { app, acme, other, create, status, connectionId } = await neighbours({ connect: false })
  const admin = async (email: string, prove: boolean) => {
    const { createMemberInvitation } = await other.ask(CREATE_MEMBER_INVITATION, {
      input: { email, role: 'ORG_ADMIN', sendEmail: false },
    })
    const { token, memberInvitation } = createMemberInvitation
    const mailed = () => app.store.write((tx) => addLink(tx, 'memberInvitation', memberInvitation.id))
    await asker(app)(ACCEPT_MEMBER_INVITATION, { input: { token: prove ? await mailed() : token } })
  }
  const shown = (await create(acme, 'shown@victim.example')).guestInvitation.id
  const mailed = (await create(acme, 'mailed@other.example')).guestInvitation.id
  await admin('shown@victim.example', false)
  await admin('mailed@other.example', true)
  await does(acme.ask, 'acceptOrganizationConnection', { id: connectionId })
  expect(await status(acme, shown)).toEqual(OPEN)
  expect(await status(acme, mailed)).toEqual(BY_SYSTEM)
  await acme.ask(REVOKE_GUEST_INVITATION, { id: shown })
  expect((await create(acme, 'shown@victim.example')).token).toMatch(/^lk_guest_/)
  expect((await create(acme, 'mailed@other.example')).token).toBeNull()
})

test('an address by which a guest has come already is answered for as long as the two are connected', async () => {
  const { app, acme, create } = await hosts()
  const { token } = await create(acme, 'ada@guest.example')
  await does(asker(app), 'acceptGuestInvitation', { token, organizationName: 'Guests' })
  expect((await create(acme, 'ADA@guest.example')).guestInvitation.status).toBe('ACCEPTED')
  expect((await create(acme, 'eve@guest.example')).guestInvitation.status).toBe('PENDING')
  await app.store.write((tx) => tx.db.deleteFrom('organization_connections').execute())
  expect((await create(acme, 'ada@guest.example')).guestInvitation.status).toBe('PENDING')
})

test('once connected, what either had sent to the other’s administrators is closed; nothing else', async () => {
  const { app, acme, other, at, create, status, connectionId } = await neighbours({ connect: false })
  await member(app, acme.id, 'carl@acme.example')
  const invite = async (of: House, email: string, input = {}) =>
    (await create(of, email, { sendEmail: false, ...input })).guestInvitation.id
  const [ada, bob, clerk] = [
    await invite(acme, 'ada@other.example'),
    await invite(acme, 'bob@other.example', { expiresAt: at(HOUR) }),
    await invite(acme, 'clerk@other.example'),
  ]
  const carl = await invite(other, 'CARL@acme.example')
  const archived = await invite(other, 'dora@acme.example')
  await member(app, acme.id, 'dora@acme.example')
  await does(other.ask, 'archiveGuestInvitation', { id: archived })
  await app.clock.stop()
  app.time.advance(HOUR)
  await does(acme.ask, 'acceptOrganizationConnection', { id: connectionId })
  expect(await status(acme, ada)).toEqual(BY_SYSTEM)
  expect(await status(acme, bob)).toEqual({ status: 'EXPIRED', acceptedVia: null })
  expect(await status(acme, clerk)).toEqual(OPEN)
  expect(await status(other, carl)).toEqual(BY_SYSTEM)
  expect(await status(other, archived)).toEqual(OPEN)
  expect(await story(app, ada)).toEqual(['CREATED - > PENDING', 'ACCEPTED PENDING > ACCEPTED'])
  expect(await story(app, bob)).toEqual(['CREATED - > PENDING', 'EXPIRED PENDING > EXPIRED'])
  // What comes to be open again later finds nothing left to accept.
  expect((await does(other.ask, 'unarchiveGuestInvitation', { id: archived })).guestInvitation).toMatchObject(
    BY_SYSTEM,
  )
  const resent = await does(acme.ask, 'resendGuestInvitation', { id: bob, expiresAt: at(HOUR) })
  expect(resent).toMatchObject({ token: null, inviteUrl: null, guestInvitation: BY_SYSTEM })
  expect(await story(app, bob)).toEqual([
    ...['CREATED - > PENDING', 'EXPIRED PENDING > EXPIRED', 'UPDATED EXPIRED > PENDING'],
    'ACCEPTED PENDING > ACCEPTED',
  ])
})

test('who accepts one invitation has accepted the host’s others to the same guest', async () => {
  const { acme, other, create, status } = await neighbours({ connect: false })
  const ada = await create(acme, 'ada@other.example')
  const bob = await create(acme, 'bob@other.example')
  const revoked = await create(acme, 'x@other.example')
  await acme.ask(REVOKE_GUEST_INVITATION, { id: revoked.guestInvitation.id })
  await does(other.ask, 'acceptGuestInvitation', { token: ada.token, organizationName: 'x' })
  expect(await status(acme, ada.guestInvitation.id)).toEqual({ status: 'ACCEPTED', acceptedVia: 'GUEST' })
  expect(await status(acme, bob.guestInvitation.id)).toEqual(BY_SYSTEM)
  expect(
    await does(other.ask, 'acceptGuestInvitation', { token: bob.token, organizationName: 'x' }),
  ).toMatchObject({
    reason: 'ALREADY_ACCEPTED',
  })
})

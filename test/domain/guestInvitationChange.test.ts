import { expect, test } from 'vitest'
import { asker } from '../kit/story.ts'
import { DAY, HOUR } from '../kit/time.ts'
import { does, story } from './changing.ts'
import { hosts, REVOKE_GUEST_INVITATION } from './hosting.ts'

async function acmeInvites(input: object = {}, options: Parameters<typeof hosts>[0] = {}) {
  const made = await hosts(options)
  const { acme, app } = made
  const { guestInvitation, token } = await made.create(acme, 'ada@guest.example', input)
  const { id } = guestInvitation
  const call =
    (mutation: string) =>
    (more: object = {}) =>
      does(acme.ask, mutation, { id, ...more })
  const accept = () => does(asker(app), 'acceptGuestInvitation', { token, organizationName: 'Guests' })
  const can = async () =>
    (
      await acme.ask(
        `query ($id: ID!) { guestInvitation(id: $id) {
          update: viewerCanUpdate { code } resend: viewerCanResend { code }
          archive: viewerCanArchive { code } unarchive: viewerCanUnarchive { code } } }`,
        { id },
      )
    ).guestInvitation
  return {
    ...{ ...made, id, token, can, accept },
    update: call('updateGuestInvitation'),
    archive: call('archiveGuestInvitation'),
    unarchive: call('unarchiveGuestInvitation'),
    revoke: async () => (await acme.ask(REVOKE_GUEST_INVITATION, { id })).revokeGuestInvitation,
  }
}

const verdicts = (
  update: string | null,
  resend: string | null,
  archive: string | null,
  unarchive: string | null,
) => ({
  ...{ update: { code: update }, resend: { code: resend } },
  ...{ archive: { code: archive }, unarchive: { code: unarchive } },
})

test('what is given changes, what is left out stays, null clears; each change is one version', async () => {
  const { at, update, app, id, accept } = await acmeInvites({ locale: 'fr', message: 'Salut' })
  const made = { locale: 'fr', message: 'Salut', expiresAt: at(DAY), status: 'PENDING' }
  expect((await update()).guestInvitation).toMatchObject({ ...made, version: 2 })
  expect((await update({ locale: 'de', expiresAt: at(HOUR) })).guestInvitation).toMatchObject({
    ...{ ...made, locale: 'de', expiresAt: at(HOUR), version: 3 },
  })
  expect((await update({ locale: null, message: null, expiresAt: null })).guestInvitation).toMatchObject({
    ...{ locale: null, message: null, expiresAt: at(HOUR), version: 4 },
  })
  expect(await update({ expiresAt: at(0), message: ' ' })).toMatchObject({ issues: [{ path: ['message'] }] })
  expect(await update({ expiresAt: at(0) })).toMatchObject({ issues: [{ path: ['expiresAt'] }] })
  expect((await accept()).__typename).toBe('AcceptGuestInvitationPayload')
  expect(await update({ message: 'x' })).toMatchObject({ reason: 'ALREADY_ACCEPTED' })
  expect(await story(app, id)).toEqual([
    'CREATED - > PENDING',
    ...Array(3).fill('UPDATED PENDING > PENDING'),
    'ACCEPTED PENDING > ACCEPTED',
  ])
})

test('of changes of one version at once, one wins; the other is shown what it is now', async () => {
  const { update, revoke, id } = await acmeInvites()
  const answers = await Promise.all([
    update({ message: 'a', expectedVersion: 1 }),
    update({ message: 'b', expectedVersion: 1 }),
  ])
  const current = { __typename: 'GuestInvitation', id, status: 'PENDING', version: 2 }
  expect(answers.map((answer) => answer.code ?? 'done').sort()).toEqual(['CONFLICT', 'done'])
  expect(answers.find(({ code }) => code)).toMatchObject({ current })
  await revoke()
  expect(await update({ expectedVersion: 2 })).toMatchObject({ current: { status: 'REVOKED', version: 3 } })
  expect(await update({ expectedVersion: 3 })).toMatchObject({ reason: 'REVOKED' })
})

test('an expired one is open again once it ends later, and expires again, if its address and the limit allow', async () => {
  const { app, acme, at, create, update, id, can, accept } = await acmeInvites(
    {},
    { limits: { openInvitations: 1 } },
  )
  await app.clock.stop()
  app.time.advance(DAY)
  expect((await update({ message: 'Late' })).guestInvitation).toMatchObject({
    status: 'EXPIRED',
    message: 'Late',
  })
  const second = await create(acme, 'ada@guest.example')
  expect(await update({ expiresAt: at(HOUR) })).toMatchObject({
    ...{ code: 'CONFLICT', current: { id: second.guestInvitation.id } },
  })
  expect(await can()).toEqual(verdicts(null, 'CONFLICT', null, 'CONFLICT'))
  await acme.ask(REVOKE_GUEST_INVITATION, { id: second.guestInvitation.id })
  expect(await can()).toEqual(verdicts(null, null, null, 'CONFLICT'))
  const third = await create(acme, 'eve@guest.example', { expiresAt: at(HOUR) })
  expect(await update({ expiresAt: at(HOUR) })).toMatchObject({ code: 'LIMIT_REACHED', limit: 1 })
  await acme.ask(REVOKE_GUEST_INVITATION, { id: third.guestInvitation.id })
  expect((await update({ expiresAt: at(HOUR) })).guestInvitation).toMatchObject({ status: 'PENDING' })
  expect(await create(acme, 'ada@guest.example')).toMatchObject({ code: 'CONFLICT' })
  app.time.advance(HOUR)
  expect(await accept()).toMatchObject({ reason: 'EXPIRED' })
  await update()
  expect(await story(app, id)).toEqual([
    ...['CREATED - > PENDING', 'EXPIRED PENDING > EXPIRED', 'UPDATED EXPIRED > EXPIRED'],
    ...['UPDATED EXPIRED > PENDING', 'EXPIRED PENDING > EXPIRED', 'UPDATED EXPIRED > EXPIRED'],
  ])
})

test('an archived one cannot be accepted and blocks nothing; taken out, it can be again', async () => {
  const { app, acme, at, create, archive, unarchive, accept, id, can } = await acmeInvites()
  expect(await can()).toEqual(verdicts(null, null, null, 'CONFLICT'))
  expect(await unarchive()).toMatchObject({ code: 'CONFLICT', current: { id } })
  expect((await archive()).guestInvitation).toMatchObject({
    ...{ status: 'PENDING', archived: true, archivedAt: at(0), version: 2 },
  })
  expect(await archive()).toMatchObject({ reason: 'ARCHIVED', closedAt: at(0) })
  expect(await accept()).toMatchObject({ reason: 'ARCHIVED' })
  expect(await can()).toEqual(verdicts(null, 'ARCHIVED', 'ARCHIVED', null))
  const second = await create(acme, 'ADA@guest.example')
  expect(await unarchive()).toMatchObject({ code: 'CONFLICT', current: { id: second.guestInvitation.id } })
  expect(await can()).toEqual(verdicts(null, 'ARCHIVED', 'ARCHIVED', 'CONFLICT'))
  await acme.ask(REVOKE_GUEST_INVITATION, { id: second.guestInvitation.id })
  expect((await unarchive()).guestInvitation).toMatchObject({ archived: false, archivedAt: null, version: 3 })
  expect(await create(acme, 'ada@guest.example')).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringMatching(/resend.*revoke/),
  })
  expect((await accept()).__typename).toBe('AcceptGuestInvitationPayload')
  expect((await archive()).guestInvitation).toMatchObject({ status: 'ACCEPTED', archived: true })
  expect((await unarchive()).guestInvitation).toMatchObject({ status: 'ACCEPTED', archived: false })
  expect(await story(app, id)).toEqual([
    ...['CREATED - > PENDING', 'ARCHIVED PENDING > PENDING', 'UNARCHIVED PENDING > PENDING'],
    ...['ACCEPTED PENDING > ACCEPTED', 'ARCHIVED ACCEPTED > ACCEPTED', 'UNARCHIVED ACCEPTED > ACCEPTED'],
  ])
})

test('an archived one expires as ever, and is extended without being opened; the limit counts what is open', async () => {
  const { app, acme, at, create, update, archive, unarchive, id } = await acmeInvites(
    {},
    { limits: { openInvitations: 1 } },
  )
  await archive()
  app.time.advance(DAY)
  await app.clock.start()
  const second = await create(acme, 'ada@guest.example')
  expect((await update({ expiresAt: at(DAY) })).guestInvitation).toMatchObject({
    status: 'PENDING',
    archived: true,
  })
  await acme.ask(REVOKE_GUEST_INVITATION, { id: second.guestInvitation.id })
  const third = await create(acme, 'eve@guest.example')
  expect(await unarchive()).toMatchObject({ code: 'LIMIT_REACHED' })
  await acme.ask(REVOKE_GUEST_INVITATION, { id: third.guestInvitation.id })
  expect((await unarchive()).guestInvitation.status).toBe('PENDING')
  expect(await story(app, id)).toEqual([
    ...['CREATED - > PENDING', 'ARCHIVED PENDING > PENDING', 'EXPIRED PENDING > EXPIRED'],
    ...['UPDATED EXPIRED > PENDING', 'UNARCHIVED PENDING > PENDING'],
  ])
})

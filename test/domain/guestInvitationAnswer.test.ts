import { expect, test } from 'vitest'
import { asker } from '../kit/story.ts'
import { DAY, HOUR } from '../kit/time.ts'
import { does } from './changing.ts'
import { hosts } from './hosting.ts'

const ANSWER = `query ($id: ID!) { guestInvitation(id: $id) {
  id organization { id } parentOrganization { id } email status acceptedVia firstSentAt lastSentAt
  expiresAt expired archived createdAt updatedAt acceptedAt archivedAt revokedAt
} }`

/** What MyCreditApp calls them. */
const statusOf = ({ status, acceptedVia }: { status: string; acceptedVia: string | null }) =>
  status === 'PENDING' ? 'sent' : status === 'ACCEPTED' ? `accepted_by_${acceptedVia?.toLowerCase()}` : status

test('a guest invitation answers with all of its 16 fields, from being sent to being put away', async () => {
  const { app, acme, at, create } = await hosts()
  const made = await create(acme, 'Ada@GUEST.example', {
    expiresAt: at(2 * DAY),
    parentOrganizationId: acme.id,
  })
  const { id } = made.guestInvitation
  const read = async () => (await acme.ask(ANSWER, { id })).guestInvitation
  const sent = {
    ...{ id, organization: { id: acme.id }, parentOrganization: { id: acme.id }, email: 'Ada@guest.example' },
    ...{
      status: 'PENDING',
      acceptedVia: null,
      firstSentAt: at(0),
      lastSentAt: at(0),
      expiresAt: at(2 * DAY),
    },
    ...{ expired: false, archived: false, createdAt: at(0), updatedAt: at(0) },
    ...{ acceptedAt: null, archivedAt: null, revokedAt: null },
  }
  expect(Object.keys(sent)).toHaveLength(16)
  expect(await read()).toEqual(sent)
  expect(statusOf(await read())).toBe('sent')

  app.time.advance(HOUR)
  const { token } = await does(acme.ask, 'resendGuestInvitation', { id, expiresAt: at(3 * DAY) })
  const resent = { ...sent, lastSentAt: at(0), expiresAt: at(3 * DAY), updatedAt: at(0) }
  expect(await read()).toEqual(resent)

  app.time.advance(HOUR)
  await does(asker(app), 'acceptGuestInvitation', { token, organizationName: 'Guests' })
  const accepted = {
    ...resent,
    status: 'ACCEPTED',
    acceptedVia: 'GUEST',
    acceptedAt: at(0),
    updatedAt: at(0),
  }
  expect(await read()).toEqual(accepted)
  expect(statusOf(accepted)).toBe('accepted_by_guest')

  app.time.advance(3 * DAY)
  await does(acme.ask, 'archiveGuestInvitation', { id })
  expect(await read()).toEqual({ ...accepted, archived: true, archivedAt: at(0), updatedAt: at(0) })
  const again = await create(acme, 'ada@guest.example')
  expect(statusOf((await acme.ask(ANSWER, { id: again.guestInvitation.id })).guestInvitation)).toBe(
    'accepted_by_system',
  )
})

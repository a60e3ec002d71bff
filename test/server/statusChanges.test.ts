import { describe, expect, test } from 'vitest'
import { cursorAt } from '../kit/events.ts'
import { startServer } from '../kit/server.ts'
import {
  ACCEPT_GUEST_INVITATION,
  ACCEPT_INVITE,
  asker,
  CREATE_GUEST_INVITATION,
  house,
  invite,
  REVOKE_INVITE,
} from '../kit/story.ts'
import { openStream } from '../kit/stream.ts'
import { failure, take, transports } from '../kit/transports.ts'

const INVITE_STATUS = `subscription ($id: ID!) { inviteStatusChanged(id: $id) { status uses } }`
const GUEST_STATUS = `subscription ($id: ID!) { guestInvitationStatusChanged(id: $id) { status acceptedVia } }`

describe.each(Object.entries(transports))('the status of one invitation over %s', (_, transport) => {
  async function start() {
    const server = await startServer()
    const acme = await house(server)
    return { server, acme, subscribe: transport(server, acme.key), guest: asker(server) }
  }

  test('of an access invite: now, and at each change, not at uses that change nothing', async () => {
    const { acme, subscribe, guest } = await start()
    const { id, token } = await invite(acme, { maxUses: 3 })
    const changes = await subscribe({ query: INVITE_STATUS, variables: { id } })
    const now = await take(changes, 1)
    for (let use = 1; use <= 3; use++) await guest(ACCEPT_INVITE, { input: { token } })
    const exhausted = await take(changes, 1)
    await invite(acme)
    await acme.ask(REVOKE_INVITE, { id })
    const told = [...now, ...exhausted, ...(await take(changes, 1))]
    expect(told.map(({ data }) => data.inviteStatusChanged)).toEqual([
      { status: 'PENDING', uses: 0 },
      { status: 'EXHAUSTED', uses: 3 },
      { status: 'REVOKED', uses: 3 },
    ])
  })

  test('of a guest invitation: now, and at each change', async () => {
    const { acme, subscribe, guest } = await start()
    const { createGuestInvitation } = await acme.ask(CREATE_GUEST_INVITATION, {
      input: { email: 'ada@example.com', expiresAt: '2040-01-01T00:00:00Z' },
    })
    const { id } = createGuestInvitation.guestInvitation
    const changes = await subscribe({ query: GUEST_STATUS, variables: { id } })
    const now = await take(changes, 1)
    await guest(ACCEPT_GUEST_INVITATION, {
      input: { token: createGuestInvitation.token, organizationName: 'Guests' },
    })
    const told = [...now, ...(await take(changes, 1))]
    expect(told.map(({ data }) => data.guestInvitationStatusChanged)).toEqual([
      { status: 'PENDING', acceptedVia: null },
      { status: 'ACCEPTED', acceptedVia: 'GUEST' },
    ])
  })

  test("another organization's invitation does not exist", async () => {
    const { server, acme, subscribe } = await start()
    const { id } = await invite(await house(server, 'Other'))
    const [error] = await failure(subscribe({ query: INVITE_STATUS, variables: { id } }))
    expect(error?.extensions.code).toBe('NOT_FOUND')
    expect((await acme.ask('{ organization { name } }')).organization.name).toBe('Acme')
  })
})

test('over SSE each status has its place in the log as its id', async () => {
  const server = await startServer()
  const acme = await house(server)
  await invite(acme)
  const { id } = await invite(acme)
  const { events } = await openStream(server, { query: INVITE_STATUS, variables: { id } }, { key: acme.key })
  const { value: now } = await events.next()
  await acme.ask(REVOKE_INVITE, { id })
  const { value: revoked } = await events.next()
  expect([now?.id, revoked?.id]).toEqual([cursorAt(acme.id, 2), cursorAt(acme.id, 3)])
})

import { describe, expect, test } from 'vitest'
import { organization } from '../kit/app.ts'
import { cursorAt, EVENTS, fillLog, range, SEQUENCES } from '../kit/events.ts'
import { startServer } from '../kit/server.ts'
import { ACCEPT_INVITE, asker, house, invite, REVOKE_INVITE } from '../kit/story.ts'
import type { Delivery } from '../kit/subscriber.ts'
import { failure, take, transports } from '../kit/transports.ts'

const eventsOf = (deliveries: Delivery[]) => deliveries.map(({ data }) => data.invitationEvents)
const sequencesOf = (deliveries: Delivery[]) => eventsOf(deliveries).map(({ sequence }) => sequence)

describe.each(Object.entries(transports))('invitationEvents over %s', (_, transport) => {
  async function start() {
    const server = await startServer()
    const acme = await house(server)
    return { server, acme, subscribe: transport(server, acme.key) }
  }

  test('each change as it happens, with the invitation as it is then', async () => {
    const { server, acme, subscribe } = await start()
    await invite(acme)
    const events = await subscribe({ query: EVENTS })
    const { id, token } = await invite(acme, { maxUses: 1 })
    const created = await take(events, 1)
    await asker(server)(ACCEPT_INVITE, { input: { token } })
    const accepted = await take(events, 2)
    await acme.ask(REVOKE_INVITE, { id })
    const told = eventsOf([...created, ...accepted, ...(await take(events, 1))])
    expect(told.map((event) => [event.sequence, event.type, event.previousStatus, event.status])).toEqual([
      [2, 'CREATED', null, 'PENDING'],
      [3, 'USED', 'PENDING', 'PENDING'],
      [4, 'EXHAUSTED', 'PENDING', 'EXHAUSTED'],
      [5, 'REVOKED', 'EXHAUSTED', 'REVOKED'],
    ])
    expect(told.map((event) => event.invitation)).toEqual([
      { id, status: 'PENDING' },
      { id, status: 'EXHAUSTED' },
      { id, status: 'EXHAUSTED' },
      { id, status: 'REVOKED' },
    ])
  })

  test('after a cursor: what was missed, then what happens, each once', async () => {
    const { server, acme, subscribe } = await start()
    await fillLog(server.store, acme, 249)
    const after = cursorAt(acme.id, 20)
    const [events] = await Promise.all([
      subscribe({ query: SEQUENCES, variables: { after } }),
      fillLog(server.store, acme, 149),
    ])
    const missed = await take(events, 380)
    await invite(acme)
    expect(sequencesOf([...missed, ...(await take(events, 1))])).toEqual(range(21, 401))
    expect(missed[0]?.data.invitationEvents.cursor).toBe(cursorAt(acme.id, 21))
  })

  test('the head that a query gave loses nothing of what happens before the subscription', async () => {
    const { acme, subscribe } = await start()
    await invite(acme)
    const { organization } = await acme.ask('{ organization { eventCursor } }')
    const { id } = await invite(acme)
    const events = await subscribe({ query: EVENTS, variables: { after: organization.eventCursor } })
    expect(eventsOf(await take(events, 1))[0].invitation.id).toBe(id)
  })

  test('only of some invitations, only of some types', async () => {
    const { acme, subscribe } = await start()
    const [one, other] = [await invite(acme), await invite(acme)]
    for (const { id } of [other, one]) await acme.ask(REVOKE_INVITE, { id })
    const after = cursorAt(acme.id, 0)
    const ofOne = await subscribe({ query: EVENTS, variables: { after, ids: [one.id] } })
    expect(sequencesOf(await take(ofOne, 2))).toEqual([1, 4])
    const revoked = await subscribe({ query: EVENTS, variables: { after, types: ['REVOKED'] } })
    expect(sequencesOf(await take(revoked, 2))).toEqual([3, 4])
    const both = await subscribe({ query: EVENTS, variables: { after, ids: [one.id], types: ['REVOKED'] } })
    expect(sequencesOf(await take(both, 1))).toEqual([4])
    const third = await invite(acme)
    await acme.ask(REVOKE_INVITE, { id: third.id })
    expect(sequencesOf(await take(revoked, 1))).toEqual([6])
  })

  test('a cursor of another organization, or of nothing, is refused', async () => {
    const { server, subscribe } = await start()
    const { id: foreign } = await organization(server, 'Other')
    for (const after of [cursorAt(foreign, 0), 'garbage', '', '%%%']) {
      const [error] = await failure(subscribe({ query: SEQUENCES, variables: { after } }))
      expect(error?.extensions).toEqual({ code: 'BAD_USER_INPUT' })
    }
  })

  test('another organization does not exist', async () => {
    const { server, subscribe } = await start()
    const { id } = await organization(server, 'Other')
    const [error] = await failure(subscribe({ query: EVENTS, variables: { organizationId: id } }))
    expect(error?.extensions.code).toBe('NOT_FOUND')
  })

  test('a cursor that the log cannot continue from is refused, naming the head', async () => {
    const { server, acme, subscribe } = await start()
    await fillLog(server.store, acme, 9)
    const head = cursorAt(acme.id, 10)
    const refusalOf = async (sequence: number) => {
      const after = cursorAt(acme.id, sequence)
      return (await failure(subscribe({ query: SEQUENCES, variables: { after } })))[0]?.extensions
    }
    expect(await refusalOf(11)).toMatchObject({ code: 'CURSOR_OUT_OF_RANGE', head })

    await server.store.write((tx) =>
      tx.db.deleteFrom('invitation_events').where('sequence', '<=', 5).execute(),
    )
    expect(await refusalOf(4)).toMatchObject({ code: 'CURSOR_OUT_OF_RANGE', head })
    const events = await subscribe({ query: SEQUENCES, variables: { after: cursorAt(acme.id, 5) } })
    expect(sequencesOf(await take(events, 5))).toEqual(range(6, 10))
  })

  test('a key that is revoked meanwhile gets nothing more', async () => {
    const { server, acme, subscribe } = await start()
    const events = await subscribe({ query: SEQUENCES })
    await invite(acme)
    await take(events, 1)
    await server.store.write(async (tx) => {
      await tx.db.updateTable('api_keys').set({ revoked_at: 1 }).where('id', '=', acme.keyId).execute()
      tx.record({
        organizationId: acme.id,
        invitationId: 'invite_none',
        type: 'UPDATED',
        status: 'PENDING',
        previousStatus: 'PENDING',
      })
    })
    const [error] = await failure(Promise.resolve(events))
    expect(error?.extensions.code).toBe('UNAUTHENTICATED')
  })
})

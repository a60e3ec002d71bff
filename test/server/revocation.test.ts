import { afterEach, describe, expect, test, vi } from 'vitest'
import { insertApiKey } from '#domain/apiKey.ts'
import { newId } from '#domain/ids.ts'
import { insertMembership } from '#domain/member.ts'
import { systemTime } from '#domain/time.ts'
import { createIdentityProvider } from '#server/identityProvider.ts'
import { keyOf } from '../kit/app.ts'
import { countFollowers, SEQUENCES } from '../kit/events.ts'
import { startIdentityProvider } from '../kit/identityProvider.ts'
import { greetedSocket, rawSocket, subscribe } from '../kit/rawSocket.ts'
import { startServer } from '../kit/server.ts'
import { house, invite } from '../kit/story.ts'
import { openStream } from '../kit/stream.ts'

const AGES = 600_000

async function start(checkMs: number) {
  const issuer = await startIdentityProvider()
  const identityProvider = createIdentityProvider({ ...issuer, now: systemTime.now })
  const server = await startServer({ checkMs, identityProvider })
  return { issuer, server, acme: await house(server), followers: countFollowers(server.store) }
}

type Started = Awaited<ReturnType<typeof start>>

async function member({ issuer, server, acme }: Started) {
  const id = newId('User')
  await server.store.write(async (tx) => {
    const person = { email: 'ada@example.com', email_key: 'ada@example.com', name: 'Ada' }
    await tx.db
      .insertInto('users')
      .values({ id, issuer: issuer.issuer, subject: 'user-1', created_at: tx.now, ...person })
      .execute()
    await insertMembership(tx, {
      organizationId: acme.id,
      userId: id,
      role: 'ORG_ADMIN',
      accessType: 'ALL',
    })
  })
  const remove = () =>
    server.store.write((tx) =>
      tx.db.updateTable('memberships').set({ removed_at: tx.now }).where('user_id', '=', id).execute(),
    )
  return { id, remove }
}

const endKey = ({ server }: Started, id: string, end: 'revoked_at' | 'expires_at') =>
  server.store.write((tx) =>
    tx.db
      .updateTable('api_keys')
      .set({ [end]: 1 })
      .where('id', '=', id)
      .execute(),
  )

/** Credentials, and how they come to their end without that anything tells it. */
const endings: Record<
  string,
  (started: Started) => Promise<{ credential: string; end: () => Promise<unknown> }>
> = {
  'a key that is revoked': async (started) => {
    const { id, key } = await keyOf(started.server, started.acme.id, 'ORG_MEMBER')
    return { credential: key, end: () => endKey(started, id, 'revoked_at') }
  },
  'a key that expires': async (started) => {
    const { id, key } = await keyOf(started.server, started.acme.id, 'ORG_MEMBER')
    return { credential: key, end: () => endKey(started, id, 'expires_at') }
  },
  'the key of a member who is removed': async (started) => {
    const { id, remove } = await member(started)
    const { secret } = await started.server.store.write((tx) =>
      insertApiKey(tx, { organizationId: started.acme.id, role: 'ORG_MEMBER', createdBy: id }),
    )
    return { credential: secret, end: remove }
  },
  'a member who is removed': async (started) => {
    const { remove } = await member(started)
    return { credential: await started.issuer.sign(), end: remove }
  },
}

const connect = async ({ server }: Started, credential: string) => {
  const raw = await rawSocket(server)
  raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${credential}` } })
  await raw.until(1)
  return raw
}

afterEach(() => void vi.useRealTimers())

describe.each(Object.entries(endings))('%s', (_, ending) => {
  test('their sockets are closed with 4401 in the next round, with a subscription or not; others stay', async () => {
    const started = await start(20)
    const { credential, end } = await ending(started)
    const idle = await connect(started, credential)
    const following = await connect(started, credential)
    const other = await greetedSocket(started.server, started.acme.key)
    const nobody = await greetedSocket(started.server)
    for (const raw of [following, other]) raw.send(subscribe('1', SEQUENCES))
    await vi.waitFor(() => expect(started.followers()).toBe(2))
    await end()
    expect([await idle.closed, await following.closed]).toEqual([4401, 4401])
    await vi.waitFor(() => expect(started.followers()).toBe(1))
    await invite(started.acme)
    await other.until(() => other.of('1').length === 1)
    await nobody.settled()
    expect(following.of('1')).toEqual([])
  })

  test('between two rounds they get no event either, and their operations are refused', async () => {
    const started = await start(AGES)
    const { credential, end } = await ending(started)
    const raw = await connect(started, credential)
    raw.send(subscribe('1', SEQUENCES))
    await vi.waitFor(() => expect(started.followers()).toBe(1))
    await end()
    await invite(started.acme)
    const answers = await raw.ended('1')
    expect(answers).toMatchObject([{ type: 'error', payload: [{ extensions: { code: 'UNAUTHENTICATED' } }] }])
    raw.send(subscribe('2', '{ organization { id } }'))
    expect(JSON.stringify(await raw.ended('2'))).not.toContain(started.acme.id)
  })

  test('their streams end with UNAUTHENTICATED, though nothing happens', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
    const started = await start(AGES)
    const { credential, end } = await ending(started)
    const { events } = await openStream(started.server, { query: SEQUENCES }, { key: credential })
    const first = events.next()
    await vi.waitFor(() => expect(started.followers()).toBe(1))
    await end()
    vi.advanceTimersByTime(11_000)
    const { value } = await first
    expect(JSON.parse(value?.data ?? '{}')).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    })
    expect(await events.next()).toEqual({ done: false, value: { event: 'complete', data: '' } })
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })
})

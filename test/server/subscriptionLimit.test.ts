import { expect, test, vi } from 'vitest'
import { countFollowers, SEQUENCES } from '../kit/events.ts'
import { complete, greetedSocket, type RawSocket, subscribe } from '../kit/rawSocket.ts'
import { startServer } from '../kit/server.ts'
import { house, invite } from '../kit/story.ts'

async function start() {
  const server = await startServer()
  const acme = await house(server)
  const followers = countFollowers(server.store)
  return { server, acme, followers, raw: await greetedSocket(server, acme.key) }
}

/** In words of its own: those who are told the same would share a follower. */
const follow = (id: string) =>
  subscribe(id, `subscription { as_${id.replaceAll(' ', '_')}: invitationEvents { sequence } }`)

const types = (raw: RawSocket, id: string) => raw.of(id).map(({ type }) => type)

test('a socket has at most 100 subscriptions at once, and whatever else it likes', async () => {
  const { server, acme, raw, followers } = await start()
  const ids = Array.from({ length: 103 }, (_, index) => `${index}`)
  raw.send(...ids.map((id) => follow(id)))
  for (const id of ids.slice(100)) {
    const [answer] = await raw.ended(id)
    expect(answer).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }],
    })
  }
  await vi.waitFor(() => expect(followers()).toBe(100))
  raw.send(subscribe('query', '{ __typename }'))
  expect((await raw.ended('query')).map(({ type }) => type)).toEqual(['next', 'complete'])

  raw.send(complete('0'), follow('again'), follow('too many'))
  expect((await raw.ended('too many')).map(({ type }) => type)).toEqual(['error'])
  const other = await greetedSocket(server, acme.key)
  other.send(follow('other'))
  await vi.waitFor(() => expect(followers()).toBe(101))
  await invite(acme)
  await other.until(2)
  await raw.until(() => ids.slice(1, 100).every((id) => raw.of(id).length === 1))
  expect(types(raw, 'again')).toEqual(['next'])
  expect(types(raw, '0')).toEqual([])
})

test('subscriptions that failed, or have ended, do not count', async () => {
  const { raw, followers } = await start()
  for (let i = 0; i < 150; i++) {
    const id = `${i}`
    raw.send(subscribe(id, SEQUENCES, { variables: { after: i % 2 ? 'nonsense' : {} } }))
    await raw.ended(id)
  }
  for (let round = 0; round < 2; round++) {
    const ids = Array.from({ length: 60 }, (_, index) => `${index}`)
    raw.send(...ids.map((id) => follow(id)))
    await vi.waitFor(() => expect(followers()).toBe(60))
    raw.send(...ids.map(complete))
    await vi.waitFor(() => expect(followers()).toBe(0))
  }
  raw.send(subscribe('last', SEQUENCES))
  await vi.waitFor(() => expect(followers()).toBe(1))
  expect(raw.of('last')).toEqual([])
})

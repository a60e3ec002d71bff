import { describe, expect, test, vi } from 'vitest'
import { countFollowers, SEQUENCES } from '../kit/events.ts'
import { complete, greetedSocket, type RawSocket, subscribe } from '../kit/rawSocket.ts'
import { startServer } from '../kit/server.ts'
import { CREATE_INVITE, house, invite } from '../kit/story.ts'

async function start() {
  const server = await startServer()
  const acme = await house(server)
  const followers = countFollowers(server.store)
  return { server, acme, followers, raw: await greetedSocket(server, acme.key) }
}

const types = (raw: RawSocket, id: string) => raw.of(id).map(({ type }) => type)

const ODD_IDS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  ' ',
  '\u0000',
  '😀',
  'x'.repeat(20_000),
]

test.each(ODD_IDS)('the id %.20j is one as any other', async (id) => {
  const { acme, raw, followers } = await start()
  raw.send(subscribe(id, '{ __typename }'))
  await raw.ended(id)
  raw.send(complete(id), subscribe(id, SEQUENCES))
  await vi.waitFor(() => expect(followers()).toBe(1))
  await invite(acme)
  await raw.until(() => raw.of(id).length === 3)
  expect(types(raw, id)).toEqual(['next', 'complete', 'next'])
  raw.send(subscribe(id, '{ __typename }'))
  expect(await raw.closed).toBe(4409)
})

test.each([
  ['a subscription', SEQUENCES],
  ['a query', '{ __typename }'],
])('who uses the id of %s that runs is closed with 4409', async (_, query) => {
  const { raw, followers } = await start()
  raw.send(subscribe('1', query), subscribe('1', SEQUENCES))
  expect(await raw.closed).toBe(4409)
  await vi.waitFor(() => expect(followers()).toBe(0))
})

test('complete of what is not running is nothing', async () => {
  const { raw } = await start()
  raw.send(subscribe('1', '{ __typename }'))
  await raw.ended('1')
  raw.send(complete('1'), complete('2'), complete('__proto__'))
  await raw.settled()
  expect(types(raw, '1')).toEqual(['next', 'complete'])
})

describe('an id is free once its operation is complete', () => {
  test('also while what it was before is still ending: each event comes once', async () => {
    const { acme, raw, followers } = await start()
    for (let i = 0; i < 5; i++) raw.send(subscribe('1', SEQUENCES), complete('1'))
    raw.send(subscribe('1', SEQUENCES), subscribe('2', '{ __typename }'))
    await raw.ended('2')
    await vi.waitFor(() => expect(followers()).toBe(1))
    await invite(acme)
    await raw.until(() => raw.of('1').length > 0)
    await raw.settled()
    expect(types(raw, '1')).toEqual(['next'])
    raw.send(complete('1'))
    await vi.waitFor(() => expect(followers()).toBe(0))
  })

  test('also when it has streamed already', async () => {
    const { acme, raw, followers } = await start()
    raw.send(subscribe('1', SEQUENCES))
    await vi.waitFor(() => expect(followers()).toBe(1))
    raw.send(complete('1'), subscribe('1', SEQUENCES))
    await raw.settled()
    await vi.waitFor(() => expect(followers()).toBe(1))
    await invite(acme)
    await raw.until(() => raw.of('1').length > 0)
    expect(types(raw, '1')).toEqual(['next'])
    raw.send(complete('1'), subscribe('1', '{ __typename }'))
    await raw.ended('1')
    expect(types(raw, '1')).toEqual(['next', 'next', 'complete'])
    expect(raw.of('1').at(1)?.payload).toEqual({ data: { __typename: 'Query' } })
  })

  test('the answer of what was complete before it came goes to nobody', async () => {
    const { server, acme, raw } = await start()
    const gate = Promise.withResolvers<void>()
    const write = server.store.write
    const writing = vi.spyOn(server.store, 'write').mockImplementation(async (work) => {
      await gate.promise
      return write(work)
    })
    const input = { integrationId: acme.integrationId, portalIds: acme.portalIds }
    raw.send(subscribe('1', CREATE_INVITE, { variables: { input } }))
    await vi.waitFor(() => expect(writing).toHaveBeenCalled())
    raw.send(complete('1'), subscribe('1', SEQUENCES))
    await raw.settled()
    gate.resolve()
    await raw.until(() => raw.of('1').length > 0)
    expect(raw.of('1')).toEqual([
      {
        id: '1',
        type: 'next',
        payload: { data: { invitationEvents: expect.objectContaining({ sequence: 1 }) } },
      },
    ])
  })

  test('an error of what was complete before it came goes to nobody', async () => {
    const { raw } = await start()
    const headers = { authorization: 'Bearer lk_key_nonsense' }
    raw.send(
      subscribe('1', '{ __typename }', { extensions: { headers } }),
      complete('1'),
      subscribe('1', '{ __typename }'),
    )
    await raw.ended('1')
    await raw.settled()
    expect(types(raw, '1')).toEqual(['next', 'complete'])
  })
})

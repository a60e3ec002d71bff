import { expect, test } from 'vitest'
import { finished } from '../cli/processes.ts'
import { fillLog, range } from '../kit/events.ts'
import { startServer } from '../kit/server.ts'
import { house, invite } from '../kit/story.ts'
import { cuttable } from './proxy.ts'
import { checkout, follow, printedEvents } from './recipe.ts'

const CUTS = 3

test.each([
  { name: 'graphql-ws', begun: /Visitors: PENDING, 0 uses/ },
  { name: 'graphql-sse', begun: /Visitors: PENDING, 0 uses/ },
  { name: 'fetch', begun: /Acme has 1 invites/ },
])('$name: cut off again and again, it has every event once', async ({ name, begun }) => {
  const server = await startServer()
  const acme = await house(server)
  await invite(acme, { name: 'Visitors' })
  const network = await cuttable(server.url)
  const running = await follow(await checkout(), name, { url: network.url, key: acme.key })
  await running.printed(begun)

  let last = 1
  for (let cut = 1; cut <= CUTS; cut++) {
    const written = fillLog(server.store, acme, 9, 3)
    last += 10
    // Somewhere between the first of them and the last.
    await running.printed(/event/)
    network.cut()
    await written
    await running.printed(new RegExp(`event ${last}: `))
    network.cut()
  }
  await fillLog(server.store, acme, 1)
  last += 2
  await running.printed(new RegExp(`event ${last}: `))

  expect(network.cuts()).toBeGreaterThan(CUTS)
  expect(printedEvents(running)).toEqual(range(2, last))
  expect(running.stderr).toBe('')
})

test.each(['graphql-ws', 'graphql-sse', 'fetch'])(
  '%s: with a key that is not good it ends, and says so',
  async (name) => {
    const { url } = await startServer()

    const { code, stderr } = await finished(await follow(await checkout(), name, { url, key: 'lk_key_x' }))

    expect(code).toBe(1)
    expect(stderr).toMatch(/Error: [\s\S]*This API key is unknown, revoked or expired/)
  },
)

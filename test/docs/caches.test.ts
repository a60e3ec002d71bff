import { expect, test } from 'vitest'
import { startServer } from '../kit/server.ts'
import { ACCEPT_INVITE, house, invite, REVOKE_INVITE } from '../kit/story.ts'
import { cuttable } from './proxy.ts'
import { checkout, follow } from './recipe.ts'

test.each(['urql', 'apollo', 'relay'])('%s: what the cache holds changes with every event', async (name) => {
  const server = await startServer()
  const acme = await house(server)
  const [first] = [await invite(acme, { name: 'A' }), await invite(acme, { name: 'B' })]
  await invite(acme, { name: 'C' })
  const network = await cuttable(server.url)

  const running = await follow(await checkout(), name, { url: network.url, key: acme.key })
  await running.printed(/^C PENDING 0, B PENDING 0, A PENDING 0$/m)
  await acme.ask(ACCEPT_INVITE, { input: { token: first.token } })
  await running.printed(/^C PENDING 0, B PENDING 0, A PENDING 1$/m)
  network.cut()
  await acme.ask(REVOKE_INVITE, { id: first.id })
  await invite(acme, { name: 'D' })
  await running.printed(/^D PENDING 0, C PENDING 0, B PENDING 0, A REVOKED 1$/m)

  expect(running.stderr).toBe('')
})

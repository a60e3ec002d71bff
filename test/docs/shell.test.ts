import { expect, test } from 'vitest'
import { finished, run } from '../cli/processes.ts'
import { fillLog, range } from '../kit/events.ts'
import { startServer } from '../kit/server.ts'
import { house, invite } from '../kit/story.ts'
import { checkout, follow, printedEvents } from './recipe.ts'

test('curl: makes an invite, and its link is good', async () => {
  const server = await startServer()
  const acme = await house(server)

  const { code, stdout, stderr } = await finished(
    await follow(await checkout(), 'curl', { url: server.url, key: acme.key }),
  )

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const [made = '', preview = ''] = stdout.replaceAll('}{', '}\n{').split('\n')
  expect(JSON.parse(made).data.createInvite.inviteUrl).toMatch(/\/invite\/lk_invite_/)
  expect(JSON.parse(preview).data.invitationPreview).toEqual({
    name: 'Made by curl',
    status: 'PENDING',
    portalNames: ['Lobby'],
    acceptable: true,
  })
})

test.each(['curl', 'wscat'])('%s: watches, and continues where it was', async (name) => {
  const server = await startServer()
  const acme = await house(server)
  const folder = await checkout()
  const watch = (...args: string[]) =>
    run('bash', [`docs/recipes/${name}/watch.sh`, ...args], folder, {
      LATCHKEY_URL: server.url,
      LATCHKEY_KEY: acme.key,
    })
  const first = watch()
  // Nothing tells when a subscription without a cursor has begun, so invites are made until one is seen.
  await expect
    .poll(() => invite(acme).then(() => first.stdout), { timeout: 10_000, interval: 50 })
    .toMatch(/"sequence":\d+,/)
  await fillLog(server.store, acme, 3)
  await first.printed(/(.*"type":"UPDATED"){3}/s)
  first.signal('SIGINT')
  const pattern = /"sequence":(\d+)/g
  const seen = printedEvents(first, pattern)
  const cursor = /"cursor":"([^"]+)"[^{}]*$/.exec(
    first.stdout.slice(0, first.stdout.lastIndexOf('"sequence"')),
  )
  await fillLog(server.store, acme, 3)
  const end = (seen.at(-1) ?? 0) + 4

  const second = watch(cursor?.[1] ?? '')
  await second.printed(new RegExp(`"sequence":${end}\\b`))
  expect([...seen, ...printedEvents(second, pattern)]).toEqual(range(seen[0] ?? 0, end))
})

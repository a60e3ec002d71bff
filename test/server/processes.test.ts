import { expect, onTestFinished, test, vi } from 'vitest'
import { keyOf } from '../kit/app.ts'
import { range, SEQUENCES } from '../kit/events.ts'
import { appBeside, databaseUrl, serverProcess } from '../kit/process.ts'
import { CREATE_INVITE, house, invite } from '../kit/story.ts'
import { ask, socketClient } from '../kit/subscriber.ts'
import { take, transports } from '../kit/transports.ts'

const WRITES = 150

async function start() {
  const url = await databaseUrl()
  const app = await appBeside(url)
  const acme = await house(app)
  const input = { integrationId: acme.integrationId, portalIds: acme.portalIds }
  return { url, app, acme, create: { query: CREATE_INVITE, variables: { input } } }
}

const logOf = async ({ app: { store } }: Awaited<ReturnType<typeof start>>) =>
  store.db.selectFrom('invitation_events').selectAll().orderBy('sequence').execute()

test.each(Object.entries(transports))(
  'what one process writes reaches the subscribers of another over %s',
  async (_, transport) => {
    const { url, acme } = await start()
    const events = await transport(await serverProcess(url), acme.key)({ query: SEQUENCES })
    for (const sequence of [1, 2, 3]) {
      await invite(acme)
      const [event] = await take(events, 1)
      expect(event?.data.invitationEvents.sequence).toBe(sequence)
    }
  },
)

test('two processes that write at once number one log, and subscribers of both have all of it', async () => {
  const started = await start()
  const { url, app, acme, create } = started
  const servers = [await serverProcess(url), await serverProcess(url)]
  const clients = servers.map((server) => socketClient(server, { init: { apiKey: acme.key } }).client)
  const subscriptions = await Promise.all(
    servers.map((server) => transports.SSE(server, acme.key)({ query: SEQUENCES })),
  )
  const answers = await Promise.all(
    clients.flatMap((client) => Array.from({ length: WRITES }, () => ask(client, create))),
  )
  const ids = answers.flatMap(({ data }): string[] => data?.createInvite.invite.id ?? [])
  expect(ids).toHaveLength(2 * WRITES)
  const all = range(1, ids.length)
  for (const subscription of subscriptions) {
    const events = await take(subscription, all.length)
    expect(events.map(({ data }) => data.invitationEvents.sequence)).toEqual(all)
  }
  const log = await logOf(started)
  expect(log.map(({ sequence }) => sequence)).toEqual(all)
  expect(new Set(log.map((event) => event.invitation_id))).toEqual(new Set(ids))
  const { last_sequence } = await app.store.db
    .selectFrom('organizations')
    .select('last_sequence')
    .where('id', '=', acme.id)
    .executeTakeFirstOrThrow()
  expect(last_sequence).toBe(all.length)
})

test('what one process has taken back, another refuses at once, however busy it is', async () => {
  const { url, app, acme, create } = await start()
  const server = await serverProcess(url)
  for (let count = 0; count < 20; count++) await transports.WebSocket(server, acme.key)({ query: SEQUENCES })
  const { client } = socketClient(server, { init: { apiKey: acme.key } })
  let isBusy = true
  onTestFinished(() => {
    isBusy = false
  })
  const writers = Array.from({ length: 3 }, async () => {
    while (isBusy) await ask(client, create)
  })
  const statusFor = async (key: string) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` }
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers,
      body: '{"query":"{ viewer { role } }"}',
    })
    await response.text()
    return response.status
  }
  for (let count = 0; count < 50; count++) {
    const { id, key } = await keyOf(app, acme.id, 'ORG_VIEWER')
    expect(await statusFor(key)).toBe(200)
    await app.store.write((tx) =>
      tx.db.updateTable('api_keys').set({ revoked_at: 1 }).where('id', '=', id).execute(),
    )
    expect(await statusFor(key)).toBe(401)
  }
  isBusy = false
  await Promise.all(writers)
})

test('what a killed server has acknowledged is there, and its log has no gap', async () => {
  const started = await start()
  const { url, acme, create } = started
  const server = await serverProcess(url)
  const { client } = socketClient(server, { init: { apiKey: acme.key } })
  const acknowledged: string[] = []
  const writers = Array.from({ length: 20 }, async () => {
    for (;;) acknowledged.push((await ask(client, create)).data.createInvite.invite.id)
  })
  const ended = Promise.allSettled(writers)
  await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(100), { timeout: 10_000 })
  server.child.kill('SIGKILL')
  await Promise.all([ended, server.exited])

  await serverProcess(url)
  const log = await logOf(started)
  expect(log.map(({ sequence }) => sequence)).toEqual(range(1, log.length))
  const created = new Set(log.map((event) => event.type === 'CREATED' && event.invitation_id))
  const invites = await started.app.store.db.selectFrom('invites').select('id').execute()
  expect(new Set(invites.map(({ id }) => id))).toEqual(created)
  expect(acknowledged.filter((id) => !created.has(id))).toEqual([])
})

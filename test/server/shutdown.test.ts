import { expect, test, vi } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { SEQUENCES } from '../kit/events.ts'
import { commandLineKey, databaseUrl, serverProcess } from '../kit/process.ts'
import { startServer } from '../kit/server.ts'
import { openStream } from '../kit/stream.ts'
import { ask, overSocket, socketClient } from '../kit/subscriber.ts'

const CREATE = `mutation ($name: String!) {
  createIntegration(input: { name: $name }) { ... on CreateIntegrationPayload { integration { id } } }
}`

async function integrationsIn(url: string) {
  const database = openDatabase(url)
  const rows = await database.reader.selectFrom('integrations').select('id').execute()
  await database.close()
  return rows.map(({ id }) => id).sort()
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: what runs is answered, subscribers are sent elsewhere, and the process ends well',
  async (signal) => {
    const url = await databaseUrl()
    const { apiKey } = await commandLineKey(url)
    const server = await serverProcess(url)
    const { client, closed, sockets } = socketClient(server, { init: { apiKey } })
    const subscription = await overSocket(client, { query: SEQUENCES })
    const ended = expect(subscription.next()).rejects.toMatchObject({ code: 1012 })
    const { events } = await openStream(server, { query: SEQUENCES }, { key: apiKey })

    const answered: string[] = []
    const writers = Array.from({ length: 10 }, async (_, writer) => {
      for (let number = 0; ; number++) {
        const variables = { name: `Building ${writer}-${number}` }
        const { data } = await ask(client, { query: CREATE, variables })
        answered.push(data.createIntegration.integration.id)
      }
    })
    const finished = Promise.allSettled(writers)
    await vi.waitFor(() => expect(answered.length).toBeGreaterThan(20))
    server.child.kill(signal)

    await ended
    expect((await closed).code).toBe(1012)
    expect(await events.next()).toEqual({ done: true, value: undefined })
    expect(await server.exited).toBe(0)
    await finished
    expect(sockets).toHaveLength(1)
    expect(answered.sort()).toEqual(await integrationsIn(url))
    expect(server.stderr()).toBe('')
  },
)

/** That a key was used is written beside its first request. */
const keyIsNoted = ({ query }: Awaited<ReturnType<typeof startServer>>) =>
  vi.waitFor(async () => {
    const { data } = await query('{ organization { apiKeys { edges { node { lastUsedAt } } } } }')
    expect(data.organization.apiKeys.edges[0].node.lastUsedAt).not.toBeNull()
  })

test('what runs when a server closes is answered, what comes after is not begun', async () => {
  const server = await startServer()
  const { client, closed } = socketClient(server, { init: { apiKey: server.key } })
  await keyIsNoted(server)
  const gate = Promise.withResolvers<void>()
  const write = server.store.write
  const writing = vi.spyOn(server.store, 'write').mockImplementationOnce(async (work) => {
    await gate.promise
    return write(work)
  })
  const running = ask(client, { query: CREATE, variables: { name: 'Running' } })
  await vi.waitFor(() => expect(writing).toHaveBeenCalledOnce())
  const stopping = server.stop()
  const late = expect(ask(client, { query: CREATE, variables: { name: 'Late' } })).rejects.toMatchObject({
    code: 1012,
  })
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  gate.resolve()
  expect((await running).data.createIntegration.integration).not.toBeNull()
  await Promise.all([stopping, late])
  expect((await closed).code).toBe(1012)
  expect(writing).toHaveBeenCalledOnce()
})

test('a client that does not answer the close does not keep the server', async () => {
  const server = await startServer()
  const { client, sockets } = socketClient(server, { init: { apiKey: server.key } })
  await overSocket(client, { query: SEQUENCES })
  sockets[0]?.pause()
  await server.stop()
  await expect(fetch(server.url)).rejects.toThrow()
  sockets[0]?.resume()
})

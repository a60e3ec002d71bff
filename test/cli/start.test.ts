import { expect, test } from 'vitest'
import { emptyCheckout, finished, latchkey, post, run, temporaryFolder, unusedPort } from './processes.ts'

const KEY = /lk_key_[\w-]{43}/

const CREATE_INVITE = `mutation ($input: CreateInviteInput!) {
  createInvite(input: $input) { ... on CreateInvitePayload { inviteUrl } }
}`

/** A call that makes one more invite in the demo data. */
async function inviter(url: string, key: string) {
  const { data } = await post(
    url,
    '{ organization { integrations { edges { node { id portals { edges { node { id } } } } } } } }',
    key,
  )
  const { id, portals } = data.organization.integrations.edges[0].node
  const input = { integrationId: id, portalIds: [portals.edges[0].node.id] }
  return () => post(url, CREATE_INVITE, key, { input })
}

test('npm start in an empty checkout: the printed lines work as they stand', async () => {
  const checkout = await emptyCheckout()
  const port = await unusedPort()
  const server = run('npm', ['start'], checkout, { PORT: String(port) })
  const [, curl = '', wscat = ''] = await server.printed(/^ {2}(curl .*)\n[\s\S]*^ {2}(npx wscat .*)\n/m)
  const url = `http://127.0.0.1:${port}`

  expect(server.stdout).toMatch(
    /├─ GraphiQL .*\n├─ Board .*\n├─ GraphQL .*\n├─ Subscriptions .*\n├─ Schema .*\n├─ Mailbox .*\n└─ Health /,
  )
  const answer = await finished(run('bash', ['-c', curl], checkout))
  expect(JSON.parse(answer.stdout)).toEqual({
    data: { organization: { name: 'Demo Organization', invites: { totalCount: 4 } } },
  })
  await server.printed(/^ {2}export LATCHKEY_URL=\S+ LATCHKEY_KEY=lk_key_\S+$/m)
  const [page, schema, mailbox] = await Promise.all([
    fetch(`${url}/graphql`, { headers: { accept: 'text/html' } }),
    fetch(`${url}/schema.graphql`),
    fetch(`${url}/dev/mail`),
  ])
  expect(await mailbox.text()).toContain('partner@example.com')
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(schema.status).toBe(200)

  const watching = run('bash', ['-c', wscat], checkout)
  await watching.printed(/connection_ack/)
  const invite = await inviter(url, KEY.exec(server.stdout)?.[0] ?? '')
  // Nothing tells when the subscription has begun, so invites are made until one is seen.
  await expect
    .poll(() => invite().then(() => watching.stdout), { timeout: 15_000, interval: 200 })
    .toMatch(/"type":"next".*"type":"CREATED","status":"PENDING"/)
  server.signal('SIGTERM')
  await server.ended
})

test('a second start keeps the data and prints a fresh key', async () => {
  const folder = await temporaryFolder()
  const keys: string[] = []
  const totals: number[] = []
  for (const _ of [1, 2]) {
    const server = latchkey(folder, [], { PORT: '0' })
    const [url] = await server.printed(/http:[^\s/]*\/\/[^\s/]+(?=\/ready)/)
    const [key] = await server.printed(KEY)
    keys.push(key)
    await (await inviter(url, key))()
    const { data } = await post(url, '{ organization { invites { totalCount } } }', key)
    totals.push(data.organization.invites.totalCount)
    server.signal('SIGINT')
    expect(await server.ended).toBe(0)
    expect(server.stderr).toBe('')
  }
  expect(totals).toEqual([5, 6])
  expect(keys[0]).not.toBe(keys[1])
})

test('a port that is taken: which one, and what to type', async () => {
  const folder = await temporaryFolder()
  const first = latchkey(folder, [], { PORT: '0' })
  const [, port] = await first.printed(/127\.0\.0\.1:(\d+)/)

  const second = await finished(latchkey(folder, [], { PORT: String(port) }))

  expect(second).toEqual({
    code: 1,
    stdout: '',
    stderr: `Port ${port} on 127.0.0.1 is taken. Stop what runs there, or type: PORT=${Number(port) + 1} npm start\n`,
  })
})

test('PUBLIC_URL is the base of links, with or without a slash at its end', async () => {
  const folder = await temporaryFolder()
  const port = await unusedPort()
  const server = latchkey(folder, [], {
    PORT: String(port),
    HOST: '0.0.0.0',
    PUBLIC_URL: 'https://doors.example.com/latchkey//',
  })
  const [key] = await server.printed(KEY)
  await server.printed(/POST\)\n[\s\S]*Health +https:\/\/doors\.example\.com\/latchkey\/health/)

  const { data } = await (await inviter(`http://127.0.0.1:${port}`, key))()

  expect(data.createInvite.inviteUrl).toMatch(/^https:\/\/doors\.example\.com\/latchkey\/invite\/lk_invite_/)
})

test.each([
  { host: '0.0.0.0', shown: 'localhost' },
  { host: '::1', shown: '[::1]' },
])('listens on $host and shows an address that can be clicked', async ({ host, shown }) => {
  const server = latchkey(await temporaryFolder(), [], { PORT: '0', HOST: host })

  const [, url] = await server.printed(/Schema +(\S+)/)

  expect(new URL(url ?? '').hostname).toBe(shown)
  expect((await fetch(url ?? '')).status).toBe(200)
})

// `npm run faults`: invitations are made over HTTP while their server is killed again and again, and while
// nearly a third of the deliveries fail; at the end each acknowledged one must have arrived.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openDatabase } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import { insertApiKey } from '#domain/apiKey.ts'
import { insertOrganization } from '#domain/organization.ts'
import { createStore } from '#domain/store.ts'
import { badMailServer } from './badMailServer.ts'
import { fastTime } from './fastTime.ts'

const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    failures: { type: 'string', default: '30' },
  },
})
const KILLS = Number(options.kills)
const WRITERS = 4
/** A lease is a second, and the first wait before a retry half of one. */
const RATE = 60
const PATIENCE_MS = 600_000

const say = (text: string) => void process.stdout.write(`${text}\n`)
const folder = await mkdtemp(join(tmpdir(), 'latchkey-faults-'))
const file = join(folder, 'faults.db')
const start = Date.now()
const database = openDatabase(`file:${file}`)
await migrate(database)
const store = createStore({ database, time: fastTime(start, RATE) })
const { organizationId, key } = await store.write(async (tx) => {
  const made = await insertOrganization(tx, 'Acme', null)
  if (!made) throw new Error('The organization could not be made.')
  const { secret } = await insertApiKey(tx, { organizationId: made.id, role: 'ORG_ADMIN' })
  return { organizationId: made.id, key: secret }
})
const mail = await badMailServer(Number(options.failures))
const port = await freePort()
const acknowledged = new Set<string>()
let server: ChildProcess | undefined
let isOver = false

process.once('exit', () => server?.kill('SIGKILL'))
say(`${KILLS} kills, ${options.failures} % of deliveries fail`)
server = await startServer()
const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer))
for (let kill = 1; kill <= KILLS; kill++) {
  // In the middle of its work, however long the machine takes to come to it.
  const work = mail.arrivals.length + 5 + Math.random() * 40
  for (let waited = 0; mail.arrivals.length < work && waited < 15_000; waited += 10) await delay(10)
  await end(server, 'SIGKILL')
  say(`kill ${kill}: ${progress()}`)
  server = await startServer()
}
isOver = true
await Promise.all(writers)

const latest = Date.now() + PATIENCE_MS
while ((await waiting()) > 0 && Date.now() < latest) {
  say(`waiting for ${await waiting()}: ${progress()}`)
  await delay(2000)
}
await end(server, 'SIGTERM')
const faults = await faultsFound()
await mail.close()
await database.close()
await rm(folder, { recursive: true })
say(`${progress()}; failed: ${JSON.stringify(mail.failed)}`)
say(faults.length === 0 ? 'Each arrived.' : faults.join('\n'))
process.exit(faults.length === 0 ? 0 : 1)

function progress() {
  const arrived = new Set(mail.arrivals.map(({ recipient }) => recipient))
  const twice = mail.arrivals.length - arrived.size
  const seconds = Math.round((Date.now() - start) / 1000)
  return `${seconds} s, ${acknowledged.size} acknowledged, ${arrived.size} arrived, ${twice} of them again`
}

async function faultsFound(): Promise<string[]> {
  const found: string[] = []
  const arrivals = Map.groupBy(mail.arrivals, ({ recipient }) => recipient)
  const lost = [...acknowledged].filter((email) => !arrivals.has(email))
  if (lost.length > 0) found.push(`${lost.length} never arrived, among them ${lost[0]}`)
  for (const [email, all] of arrivals) {
    if (new Set(all.map(({ messageId }) => messageId)).size > 1) found.push(`${email}: several Message-IDs`)
  }
  const ids = new Set(mail.arrivals.map(({ messageId }) => messageId))
  if (ids.size !== arrivals.size) found.push(`${arrivals.size} recipients have ${ids.size} Message-IDs`)
  const unsent = await database.reader.selectFrom('mails').selectAll().where('state', '<>', 'SENT').execute()
  if (unsent.length > 0) found.push(`${unsent.length} mails are not SENT: ${JSON.stringify(unsent[0])}`)
  const events = await database.reader
    .selectFrom('invitation_events')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .orderBy('sequence')
    .execute()
  if (events.some(({ sequence }, index) => sequence !== index + 1)) found.push('the log has a gap')
  const sent = events.filter(({ type }) => type === 'SENT').map((event) => event.invitation_id)
  const created = events.filter(({ type }) => type === 'CREATED')
  if (sent.length !== created.length || new Set(sent).size !== sent.length) {
    found.push(`${created.length} invitations, ${sent.length} SENT events`)
  }
  return found
}

async function waiting(): Promise<number> {
  const { count } = await database.reader
    .selectFrom('mails')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('state', '=', 'QUEUED')
    .executeTakeFirstOrThrow()
  return count
}

/** Invites one after the other; what is cut off by a kill may or may not have been done. */
async function write(writer: number) {
  for (let count = 0; !isOver; count++) {
    const email = `guest-${writer}-${count}@guest.example`
    try {
      if (await invite(email)) acknowledged.add(email)
    } catch {
      await delay(50)
    }
    await delay(100)
  }
}

async function invite(email: string): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({
      query: `mutation ($input: CreateGuestInvitationInput!) { createGuestInvitation(input: $input) {
        ... on CreateGuestInvitationPayload { guestInvitation { id } } } }`,
      variables: { input: { email, expiresAt: '2100-01-01T00:00:00Z' } },
    }),
  })
  const { data } = (await response.json()) as {
    data?: { createGuestInvitation?: { guestInvitation?: { id: string } } }
  }
  return data?.createGuestInvitation?.guestInvitation !== undefined
}

async function startServer(): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'server.ts')
  const args = [script, file, port, mail.port, start, RATE].map(String)
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const failed = once(child, 'exit').then(() => Promise.reject(new Error('The server ended by itself.')))
  await Promise.race([once(child.stdout, 'data'), failed])
  failed.catch(() => {})
  return child
}

async function end(child: ChildProcess, signal: NodeJS.Signals) {
  child.kill(signal)
  await once(child, 'exit')
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port: free } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return free
}

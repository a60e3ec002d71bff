import { join } from 'node:path'
import type { LoadOrder, LoadReport } from './load.ts'
import { type Started, startClient, startServer } from './processes.ts'
import { progress, type Seeded, seeded } from './seeded.ts'
import type { SocketsOrder, SocketsReport } from './sockets.ts'
import { EVENTS, type Kind, REVOKE, type Sample, samplesOf } from './work.ts'

export interface Settings {
  rounds: number
  milliseconds: number
}

/** Medians over the rounds. */
export interface Figures {
  /** Requests a second. */
  rate: number
  /** Microseconds of the server's processor time for each. */
  cpu: number
  /** Milliseconds. */
  p99: number
}

export const commands = {
  raw: [join(import.meta.dirname, 'raw.ts')],
  latchkey: [join(import.meta.dirname, '../../src/start.js')],
}
export type Name = keyof typeof commands
const names = Object.keys(commands) as Name[]

export const SIZE = { organizations: 50, invites: 100_000 }

/** With a fresh copy of the seeded database; only where writes are measured one key may make any number of them. */
export function start(
  name: Name,
  data: Seeded,
  { writes = false, command = commands[name] } = {},
): Promise<Started> {
  return startServer(command, {
    DATABASE_URL: data.copy(name),
    PUBLIC_URL: 'http://127.0.0.1',
    NODE_ENV: 'production',
    ...(writes && { MUTATIONS_PER_MINUTE: '100000000' }),
  })
}

export const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Reads and writes over HTTP, on one core, against the raw server in rounds that take turns. */
export async function measureHttp(kind: Kind, settings: Settings): Promise<Record<Name, Figures>> {
  const data = await seeded(SIZE)
  const load = startClient<LoadOrder, LoadReport>('load.ts')
  const servers: Record<Name, Started> = {
    raw: await start('raw', data),
    latchkey: await start('latchkey', data, { writes: kind === 'W' }),
  }
  const samples = samplesOf(kind, SIZE)
  if (kind !== 'W') await expectSame(Object.values(servers), data, samples.slice(0, 20))
  const rounds: Record<Name, Figures[]> = { raw: [], latchkey: [] }
  try {
    for (const name of names)
      await measureLoad(servers[name], load, data, samples, { ...settings, milliseconds: 4000 })
    for (let round = 1; round <= settings.rounds; round++) {
      for (const name of names) {
        progress(`${kind}: round ${round} of ${settings.rounds}, ${name}`)
        rounds[name].push(await measureLoad(servers[name], load, data, samples, settings))
      }
    }
  } finally {
    progress('')
    load.stop()
    await Promise.all(Object.values(servers).map((server) => server.stop()))
  }
  return { raw: medians(rounds.raw), latchkey: medians(rounds.latchkey) }
}

const medians = (rounds: Figures[]): Figures => ({
  rate: median(rounds.map(({ rate }) => rate)),
  cpu: median(rounds.map(({ cpu }) => cpu)),
  p99: median(rounds.map(({ p99 }) => p99)),
})

/** One round against one server. */
export async function measureLoad(
  server: Started,
  load: ReturnType<typeof startClient<LoadOrder, LoadReport>>,
  data: Seeded,
  samples: readonly Sample[],
  { milliseconds, rate }: Settings & { rate?: number },
): Promise<Figures> {
  const requests = samples.map(({ organization, ...asked }) => ({ ...asked, key: data.keyOf(organization) }))
  const connections = samples[0]?.operationName === 'W' ? 32 : 16
  const before = server.cpu()
  const report = await load.run({ port: server.port, requests, connections, milliseconds, rate })
  if (report.failed > 0) throw new Error(`${report.failed} requests failed, as this: ${report.failure}`)
  const cpu = ((server.cpu() - before) / report.requests) * 1e6
  return { rate: report.requests / report.seconds, cpu, p99: report.p99 }
}

/** Answers that differ are not to be compared. */
async function expectSame(servers: Started[], data: Seeded, samples: readonly Sample[]) {
  for (const { organization, ...asked } of samples) {
    const key = data.keyOf(organization)
    const texts = await Promise.all(
      servers.map(async ({ port }) => {
        const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) }
        const init = { method: 'POST', headers, body: JSON.stringify(asked) }
        return (await fetch(`http://127.0.0.1:${port}/graphql`, init)).text()
      }),
    )
    if (new Set(texts).size > 1) throw new Error(`They answer differently:\n${texts.join('\n')}`)
  }
}

export interface FanOut {
  /** Microseconds of processor time a message. */
  cpu: number
  /** Milliseconds to the last delivery. */
  last: number
  /** Kilobytes of memory for each subscriber who waits. */
  memory: number
}

const WARM = 5
const CHANGES = 20

/** One change to so many sockets with the same subscription. */
export async function measureFanOut(sockets: number, { rounds }: Settings): Promise<Record<Name, FanOut>> {
  const data = await seeded(SIZE)
  const found: Record<Name, FanOut[]> = { raw: [], latchkey: [] }
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) {
      progress(`F: ${sockets} sockets, round ${round} of ${rounds}, ${name}`)
      found[name].push(await fanOut(name, data, sockets))
    }
  }
  progress('')
  const middle = (rounds: FanOut[]): FanOut => ({
    cpu: median(rounds.map(({ cpu }) => cpu)),
    last: median(rounds.map(({ last }) => last)),
    memory: median(rounds.map(({ memory }) => memory)),
  })
  return { raw: middle(found.raw), latchkey: middle(found.latchkey) }
}

/** One round against one server. */
export async function fanOut(name: Name, data: Seeded, sockets: number): Promise<FanOut> {
  const server = await start(name, data)
  const clients = startClient<SocketsOrder, SocketsReport>('sockets.ts')
  const { port } = server
  const key = data.keyOf(1) ?? ''
  try {
    const empty = server.memory()
    await clients.run({ open: sockets, port, query: EVENTS, key })
    const memory = (server.memory() - empty) / sockets / 1024
    const invites = data.revocable.values()
    const change = () => {
      const request = {
        operationName: 'R',
        query: REVOKE,
        variables: { input: { id: invites.next().value } },
      }
      return clients.run({ publish: request, port, key })
    }
    for (let count = 0; count < WARM; count++) await change()
    const before = server.cpu()
    const times: number[] = []
    for (let count = 0; count < CHANGES; count++) {
      const { milliseconds, lost } = await change()
      if (lost > 0) throw new Error(`${lost} messages of ${name} were lost.`)
      times.push(milliseconds)
    }
    const cpu = ((server.cpu() - before) * 1e6) / CHANGES / sockets
    return { cpu, last: median(times), memory }
  } finally {
    clients.stop()
    await server.stop()
  }
}

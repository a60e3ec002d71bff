import { join } from 'node:path'
import type { LoadOrder, LoadReport } from './load.ts'
import {
  commands,
  fanOut,
  measureFanOut,
  measureLoad,
  median,
  type Settings,
  SIZE,
  start,
} from './measure.ts'
import { startClient, startServer } from './processes.ts'
import { progress, seeded } from './seeded.ts'
import { kinds, list, nested, type Sample, samplesOf } from './work.ts'

type Line = [what: string, figure: string, limit: string]

/** How costs grow: with what is asked, with how many listen, with what the database holds. */
export async function* measureScale(settings: Settings): AsyncGenerator<Line> {
  yield await startTime()
  yield await loopDelay(settings)
  yield await idleMemory(settings)
  yield await growth('N, 1 : 4 : 16 invites of each portal', settings, 'N', (times) => nested(10, 10, times))
  yield await growth('L, 6 : 24 : 96 invites', settings, 'L', (times) => list(6 * times))
  yield await fanOutGrowth()
  yield* independence(settings)
}

async function startTime(): Promise<Line> {
  const data = await seeded(SIZE)
  const times: number[] = []
  for (let round = 0; round < 5; round++) {
    progress(`start ${round + 1} of 5`)
    const environment = { DATABASE_URL: data.copy('latchkey'), NODE_ENV: 'production' }
    const began = performance.now()
    const server = await startServer(commands.latchkey, environment)
    times.push(performance.now() - began)
    await server.stop()
  }
  return ['from the start to the first answer', `${median(times).toFixed(0)} ms`, '≤ 1,000 ms']
}

const WRITES = 500
const watched = ['--import', join(import.meta.dirname, 'delay.ts'), ...commands.latchkey]

async function loopDelay(settings: Settings): Promise<Line> {
  progress(`${WRITES} writes a second`)
  const data = await seeded(SIZE)
  const server = await start('latchkey', data, { writes: true, command: watched })
  const load = startClient<LoadOrder, LoadReport>('load.ts')
  const samples = samplesOf('W', SIZE)
  await measureLoad(server, load, data, samples, { ...settings, rate: WRITES })
  await server.ask()
  await measureLoad(server, load, data, samples, { ...settings, milliseconds: 10_000, rate: WRITES })
  const delay = (await server.ask()) as number
  load.stop()
  await server.stop()
  return [`p99 of the event loop's delay at ${WRITES} writes a second`, `${delay.toFixed(1)} ms`, '< 10 ms']
}

async function idleMemory(settings: Settings): Promise<Line> {
  const { raw, latchkey } = await measureFanOut(5000, { ...settings, rounds: 3 })
  const above = latchkey.memory - raw.memory
  return ['memory of a subscriber who waits, above a raw `ws` socket', `${above.toFixed(0)} kB`, '≤ 30 kB']
}

async function growth(
  what: string,
  settings: Settings,
  kind: 'N' | 'L',
  query: (times: number) => string,
): Promise<Line> {
  const data = await seeded(SIZE)
  const server = await start('latchkey', data)
  const load = startClient<LoadOrder, LoadReport>('load.ts')
  const costs: number[] = []
  for (const times of [1, 4, 16]) {
    progress(`${what}: ${times} ×`)
    const samples: Sample[] = samplesOf(kind, SIZE).map((sample) => ({ ...sample, query: query(times) }))
    await measureLoad(server, load, data, samples, settings)
    costs.push((await measureLoad(server, load, data, samples, settings)).cpu)
  }
  load.stop()
  await server.stop()
  return [what, ratios(costs), '≤ 1 : 4 : 16']
}

async function fanOutGrowth(): Promise<Line> {
  const data = await seeded(SIZE)
  const costs: number[] = []
  for (const sockets of [300, 1200, 4800]) {
    progress(`F: ${sockets} sockets`)
    costs.push((await fanOut('latchkey', data, sockets)).cpu * sockets)
  }
  return ['F, 300 : 1,200 : 4,800 sockets', ratios(costs), '≤ 1 : 4 : 16']
}

const ratios = (costs: number[]) => costs.map((cost) => (cost / (costs[0] ?? 1)).toFixed(1)).join(' : ')

/** Until a file that has just been copied is read as any other, and V8 has compiled what runs. */
const WARM_MS = 12_000
const SIZES = [
  { organizations: 10, invites: 10_000 },
  { organizations: 1000, invites: 1_000_000 },
]

/** Organizations of the same size, a hundred times as many of them. */
async function* independence(settings: Settings): AsyncGenerator<Line> {
  const load = startClient<LoadOrder, LoadReport>('load.ts')
  for (const kind of kinds) {
    const costs: number[] = []
    for (const size of SIZES) {
      const data = await seeded(size)
      progress(`${kind}: of ${size.invites} invites`)
      const server = await start('latchkey', data, { writes: kind === 'W' })
      const samples = samplesOf(kind, size)
      const rounds: number[] = []
      await measureLoad(server, load, data, samples, { ...settings, milliseconds: WARM_MS })
      for (let round = 0; round < settings.rounds; round++) {
        rounds.push((await measureLoad(server, load, data, samples, settings)).cpu)
      }
      costs.push(median(rounds))
      await server.stop()
    }
    // A write also grows with the depth of the trees that it adds to.
    yield [`${kind} of 1,000,000 invites, to 10,000`, ratios(costs), kind === 'W' ? 'as it is' : '≤ 1.2']
  }
  load.stop()
  const costs: number[] = []
  for (const size of SIZES) {
    progress(`F: of ${size.invites} invites`)
    const data = await seeded(size)
    const rounds: number[] = []
    for (let round = 0; round < settings.rounds; round++)
      rounds.push((await fanOut('latchkey', data, 1200)).cpu)
    costs.push(median(rounds))
  }
  yield ['F of 1,000,000 invites, to 10,000', ratios(costs), '≤ 1.2']
}

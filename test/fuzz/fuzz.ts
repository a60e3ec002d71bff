import { parseArgs } from 'node:util'
import { Documents } from './documents.ts'
import { Findings, minimize } from './findings.ts'
import { Frames } from './frames.ts'
import { Pools } from './pools.ts'
import { Random } from './random.ts'
import { Requests } from './requests.ts'
import { type Sent, send } from './send.ts'
import { startTarget, type Target } from './target.ts'
import { Values } from './values.ts'

const AT_ONCE = 8
const SLOW_MS = 5000

const { values: options } = parseArgs({
  options: {
    requests: { type: 'string', default: '50000' },
    frames: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
  },
})
const requestCount = Number(options.requests)
const frameCount = Number(options.frames)
const seed = Number(options.seed)
const say = (text: string) => void process.stdout.write(`${text}\n`)

const findings = new Findings()
const statuses = new Map<string, number>()
let slowest = { ms: 0, request: '' }

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) =>
    note(`${event}: ${(error as Error)?.stack ?? error}`, '(whatever ran then)', ''),
  )
}

// Whatever goes around the log: a client that can make a library write there can fill a disk.
console.error = (...words: unknown[]) =>
  void note(`written to the console: ${words[0]}`, '(over WebSocket)', words.join(' '))

say(`seed ${seed}: ${requestCount} requests, ${frameCount} frames`)
const random = new Random(seed)
const pools = new Pools(random)
const values = new Values(random, pools)
const target = await startTarget((line) => findings.logged.push(line))
const documents = new Documents(target.schema, random, values)
const requests = new Requests(random, documents, values, pools)
let key = await target.freshKey()

const started = performance.now()
for (let count = 0; count < requestCount; count += AT_ONCE) {
  if (count % 1000 === 0) await lookAround(`${count} requests`)
  await Promise.all(Array.from({ length: AT_ONCE }, () => tryOut(target, requests.next(key))))
}

const frames = new Frames(random, documents, values, `ws://127.0.0.1:${target.port}/graphql`, {
  key: () => key,
  received(text, sent) {
    pools.learn(text)
    const fault = findings.faultOf(text) ?? (findings.logged.length > 0 ? 'an error was logged' : undefined)
    if (fault) note(`over WebSocket: ${fault}`, sent.join('\n'), text)
  },
  failed: (code, reason, sent) => note(`the socket was closed with ${code}`, sent.join('\n'), reason),
})
for (let count = 0; count < frameCount; count++) {
  if (count % 1000 === 0) await lookAround(`${count} frames`)
  await frames.send()
}
frames.close()

await lookAround('the end')
const stopping = performance.now()
await target.stop()
say(`stopped in ${Math.round(performance.now() - stopping)} ms; slowest answer ${Math.round(slowest.ms)} ms`)
say(`answers by status: ${JSON.stringify(Object.fromEntries(statuses))}`)
say(`sockets closed, by code: ${JSON.stringify(frames.closes)}`)
for (const { what, count, request, answer } of findings.all) {
  say(`\n${count} × ${what}\n  request: ${request}\n  answer: ${answer}`)
}
say(`\n${findings.all.length} kinds of findings; seed ${seed}`)
process.exit(findings.all.length > 0 ? 1 : 0)

async function tryOut(to: Target, sent: Sent) {
  const start = performance.now()
  const answer = await attempt(to, sent)
  const ms = performance.now() - start
  if (ms > slowest.ms) slowest = { ms, request: written(sent) }
  statuses.set(String(answer.status), (statuses.get(String(answer.status)) ?? 0) + 1)
  pools.learn(answer.text)
  const fault = answer.fault ?? (ms > SLOW_MS ? `slow: over ${SLOW_MS} ms` : undefined)
  if (fault && note(fault, written(sent), answer.text)) await shrink(to, sent, fault)
}

async function attempt(to: Target, sent: Sent) {
  try {
    const { status, text } = await send(to, sent)
    return { status, text, fault: findings.faultOf(text, status) }
  } catch (error) {
    return { status: 0, text: '', fault: `no answer: ${(error as Error).stack}` }
  }
}

/** What remains of the document when all that does not matter is left out. */
async function shrink(to: Target, sent: Sent, fault: string) {
  try {
    const { query, ...others } = JSON.parse(String(sent.body)) as { query: string }
    const smaller = (parts: readonly string[]): Sent => ({
      ...sent,
      body: Buffer.from(JSON.stringify({ query: parts.join(''), ...others })),
    })
    const shows = async (parts: readonly string[]) => (await attempt(to, smaller(parts))).fault === fault
    findings.minimized(written(smaller(await minimize(query.split(/(?<=[{}()\s,])/), shows))))
  } catch {
    // No document in it: the request itself says it.
  }
  findings.logged.length = 0
}

function note(what: string, request: string, answer: string): boolean {
  const isNew = findings.add(what, request, answer)
  if (isNew) say(`  found: ${findings.all.at(-1)?.what.slice(0, 700)}`)
  return isNew
}

/** That the server still answers, and its administrator is still let in. */
async function lookAround(where: string) {
  const seconds = Math.round((performance.now() - started) / 1000)
  const { rss } = process.memoryUsage()
  say(`${where}, ${seconds} s, ${Math.round(rss / 1e6)} MB, ${findings.all.length} kinds of findings`)
  const query =
    '{ organization { id integrations { edges { node { id portals { edges { node { id } } } } } } } }'
  const ask = (bearer: string): Sent => ({
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: Buffer.from(JSON.stringify({ query })),
    byPort: true,
  })
  const answer = await attempt(target, ask(key))
  // Chance revokes keys as well.
  if (!answer.text.includes('"integrations"')) key = await target.freshKey()
  pools.learn((await attempt(target, ask(key))).text)
}

function written({ method, path, headers, body, byPort }: Sent): string {
  const curl = `${method} ${path}${byPort ? ' (by port)' : ''} ${JSON.stringify(headers)}`
  return `${curl}\n  ${body?.toString().slice(0, 3000) ?? '(no body)'}`
}

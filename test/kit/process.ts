import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import { systemTime } from '#domain/time.ts'
import { testApp } from './app.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The URL of a database file that does not exist yet. */
export async function databaseUrl(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return `file:${join(folder, 'latchkey.db')}`
}

/** Runs a script in a process of its own, which does not outlive the test. */
function run(script: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data) => {
    stdout += data
  })
  child.stderr.on('data', (data) => {
    stderr += data
  })
  const exited = once(child, 'close').then(([code]) => code as number | null)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  return { child, exited, stdout: () => stdout, stderr: () => stderr }
}

/** A key to an organization of that name in the database, from the command line. */
export async function commandLineKey(url: string, name = 'Acme') {
  const { exited, stdout, stderr } = run(main, ['key', '--organization', name], { DATABASE_URL: url })
  if ((await exited) !== 0) throw new Error(stderr())
  return JSON.parse(stdout()) as { organizationId: string; apiKey: string }
}

/** The server as its operator starts it. */
export async function serverProcess(url: string) {
  const port = await freePort()
  const server = run(main, [], { DATABASE_URL: url, PORT: String(port) })
  await said(server.child, 'Latchkey is listening')
  const address = `http://127.0.0.1:${port}`
  return { ...server, url: address, socketUrl: `${address.replace('http', 'ws')}/graphql` }
}

const said = (child: ChildProcess, text: string) =>
  new Promise<void>((resolve, reject) => {
    let output = ''
    child.stdout?.on('data', (data) => {
      output += data
      if (output.includes(text)) resolve()
    })
    child.once('close', (code) => reject(new Error(`It ended with ${code}: ${output}`)))
  })

/** The app in this process, in real time, on the same database as another. */
export async function appBeside(url: string) {
  const database = openDatabase(url)
  onTestFinished(() => database.close())
  await migrate(database)
  return testApp({ database, time: systemTime })
}

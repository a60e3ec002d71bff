import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

export const repository = join(import.meta.dirname, '../..')

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The sources as after a fresh clone and an install: no data, nothing compiled, and nobody else's edits. */
export async function emptyCheckout(): Promise<string> {
  const folder = await temporaryFolder()
  for (const name of ['package.json', 'src', 'db']) {
    await cp(join(repository, name), join(folder, name), { recursive: true })
  }
  const packages = join(folder, 'node_modules')
  await mkdir(packages)
  for (const name of await readdir(join(repository, 'node_modules'))) {
    if (name !== '.cache') await symlink(join(repository, 'node_modules', name), join(packages, name))
  }
  return folder
}

/** A port that nobody has, as far as can be known. */
export async function unusedPort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => void probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => void probe.close(resolve))
  return port
}

export interface Running {
  readonly stdout: string
  readonly stderr: string
  /** Resolves once the standard output has it; rejects where the process ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  /** The exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>
  /** Signals the process and all that it started, as a terminal does. */
  signal(name: NodeJS.Signals): void
}

type Environment = Record<string, string>

/** Starts a program in a process group of its own; what is left of it ends with the test. */
export function run(program: string, args: string[], cwd: string, env: Environment = {}): Running {
  const child = spawn(program, args, {
    cwd,
    detached: true,
    // An open input, as in a terminal: wscat ends with its input.
    stdio: 'pipe',
    env: {
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: process.env.HOME ?? tmpdir(),
      ...env,
    },
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  onTestFinished(() => signalGroup(child, 'SIGKILL'))
  return {
    get stdout() {
      return output.stdout
    },
    get stderr() {
      return output.stderr
    },
    ended,
    signal: (name) => signalGroup(child, name),
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output.stdout)
          if (!match) return
          child.stdout.off('data', look)
          resolve(match)
        }
        child.stdout.on('data', look)
        look()
        void ended.then((code) => reject(new Error(`Ended with ${code}:\n${output.stdout}${output.stderr}`)))
      }),
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals) {
  try {
    if (child.pid) process.kill(-child.pid, signal)
  } catch {
    // It has ended already.
  }
}

/** `node src/main.ts …` with only these variables set; the database is in the folder. */
export const latchkey = (folder: string, args: string[] = [], env: Environment = {}) =>
  run(process.execPath, [join(repository, 'src/main.ts'), ...args], folder, env)

/** The same, run to its end. */
export async function finished(running: Running) {
  const code = await running.ended
  return { code, stdout: running.stdout, stderr: running.stderr }
}

export async function post(url: string, query: string, key?: string, variables: object = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({ query, variables }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what came, whatever it is
  const { data } = (await response.json()) as { data?: any }
  return { status: response.status, data }
}

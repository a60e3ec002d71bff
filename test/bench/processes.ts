import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { availableParallelism } from 'node:os'

/** The cores are kept apart where that can be: what is measured on one, what asks on the other. */
const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-c', '0', 'true']).status === 0
const SERVER_CORE = '0'
const LOAD_CORE = '1'

export interface Started {
  port: number
  /** Seconds of processor time that it has had. */
  cpu(): number
  /** Bytes of memory that it holds. */
  memory(): number
  /** Asks what was loaded into it. */
  ask(): Promise<unknown>
  stop(): Promise<void>
}

/** Starts a server on a free port, and waits until it answers. */
export async function startServer(command: string[], environment: Record<string, string>): Promise<Started> {
  const port = await freePort()
  const process = launch(SERVER_CORE, command, { ...environment, PORT: String(port) })
  await answering(port, process)
  const pid = process.pid ?? 0
  return {
    port,
    cpu() {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) / 100
    },
    memory: () => 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0),
    async ask() {
      process.send({})
      const [answer] = await once(process, 'message')
      return answer
    },
    async stop() {
      const gone = once(process, 'exit')
      process.kill('SIGTERM')
      await gone
    },
  }
}

/** Starts one of the clients beside this file; each message that it is sent is an order, answered by a report. */
export function startClient<Order, Report>(file: string) {
  const client = launch(LOAD_CORE, [`${import.meta.dirname}/${file}`], {})
  return {
    async run(order: Order): Promise<Report> {
      client.send(order as object)
      const [report] = await once(client, 'message')
      return report
    },
    stop: () => client.kill(),
  }
}

function launch(core: string, command: string[], environment: Record<string, string>) {
  const [file = '', ...args] = canPin
    ? ['taskset', '-c', core, process.execPath, ...command]
    : [process.execPath, ...command]
  return spawn(file, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

async function answering(port: number, server: ChildProcess) {
  while (server.exitCode === null) {
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ operationName: 'P', query: '{ __typename }', variables: { token: '' } }),
    }).catch(() => undefined)
    if (response) return void (await response.text())
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('A server of the benchmark did not start.')
}

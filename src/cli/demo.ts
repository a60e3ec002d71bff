import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Database } from '#db/client.ts'
import { createApp } from '#server/app.ts'
import { listen } from '#server/listen.ts'
import type { Env } from '../env.ts'
import { openMigrated, optionsOf, print } from './command.ts'
import { tellDoorStory } from './demoStory.ts'
import { freePort } from './freePort.ts'
import { makeKey } from './key.ts'

const HOST = '127.0.0.1'

/** `npm run demo`: the story of a door, told by a client to a server of its own; nothing of it stays. */
export async function demo(_env: Env, args: string[]): Promise<number> {
  optionsOf(args, [])
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-demo-'))
  try {
    const database = await openMigrated(`file:${join(folder, 'demo.db')}`)
    try {
      await withServer(database, tellDoorStory)
    } finally {
      await database.close()
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  return 0
}

async function withServer(database: Database, tell: typeof tellDoorStory) {
  const log = pino({ level: 'error' })
  const port = await freePort(HOST, 0)
  const url = `http://${HOST}:${port}`
  const app = createApp({ database, log, publicUrl: url, openSchema: true })
  const { apiKey } = await makeKey(app.store, 'Demo Organization', 'ORG_ADMIN')
  const server = await listen(app, { host: HOST, port, log })
  try {
    await tell({ url, key: apiKey, print })
  } finally {
    await server.close()
  }
}

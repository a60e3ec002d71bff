import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openDatabase } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import { createApp } from '#server/app.ts'
import { listen } from '#server/listen.ts'
import { loadDemo } from '../../src/cli/demoData.ts'

export type Target = Awaited<ReturnType<typeof startTarget>>

/** The app on a database and a port of its own, with the demo's story; what it logs as an error is handed out. */
export async function startTarget(onError: (line: string) => void) {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-fuzz-'))
  const database = openDatabase(`file:${join(folder, 'fuzz.db')}`)
  await migrate(database)
  const log = pino({ level: 'error' }, { write: onError })
  // Otherwise, after a few seconds, most of what it finds is that it asks too often.
  const limits = { mutationsPerMinute: 1e9, unknownTokensPerMinute: 1e9 }
  const app = createApp({ database, log, limits, publicUrl: 'https://latchkey.test', openSchema: true })
  const server = await listen(app, { host: '127.0.0.1', port: 0, log })
  return {
    schema: app.engine.schema,
    fetch: app.fetch,
    port: server.port,
    /** A new key of the organization's administrator. */
    freshKey: async () => (await loadDemo(app.store)).apiKey,
    async stop() {
      await server.close()
      await database.close()
      await rm(folder, { recursive: true })
    },
  }
}

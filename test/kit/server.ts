import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { createStore } from '#domain/store.ts'
import { systemTime } from '#domain/time.ts'
import { type ListenOptions, listen } from '#server/listen.ts'
import { organization, type TestAppOptions, testApp, testDatabase } from './app.ts'

/** The app on a port of its own, in real time, with an organization and its key. */
export async function startServer({
  checkMs,
  initMs,
  ...options
}: TestAppOptions & Pick<ListenOptions, 'checkMs' | 'initMs'> = {}) {
  const database = options.database ?? (await testDatabase())
  const { id: organizationId, key } = await organization({
    store: createStore({ database, time: systemTime }),
  })
  const app = await testApp({ graphiql: { key }, ...options, database, time: systemTime })
  const log = pino({ level: 'silent' })
  const server = await listen(app, { host: '127.0.0.1', port: 0, log, checkMs, initMs })
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= server.close()
    return stopping
  }
  onTestFinished(stop)
  const url = `http://127.0.0.1:${server.port}`
  return {
    ...app,
    organizationId,
    key,
    url,
    socketUrl: `${url.replace('http', 'ws')}/graphql`,
    query: (document: string, variables: object = {}) => app.call(document, variables, { key }),
    stop,
  }
}

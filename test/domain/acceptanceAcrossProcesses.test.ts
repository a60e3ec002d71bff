import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { house, invite } from '../kit/story.ts'

/** Another server on the same database: accepts so many times, and prints how each attempt ended. */
const SERVER = `
  import { openDatabase } from '#db/client.ts'
  import { anonymous } from '#domain/access.ts'
  import { acceptInvite } from '#domain/grant.ts'
  import { createStore } from '#domain/store.ts'
  const [file, token, now, attempts] = process.argv.slice(1)
  const database = openDatabase('file:' + file)
  const store = createStore({ database, time: { now: () => Number(now), at: () => () => {} } })
  const accept = () => acceptInvite(store, anonymous, { token }).then(() => 'let in', (error) => error.reason ?? error.message)
  const ends = await Promise.all(Array.from({ length: Number(attempts) }, accept))
  await database.close()
  console.log(JSON.stringify(ends))
`

test('three servers on one database let in no more than maxUses, and number one log together', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { token } = await invite(acme, { maxUses: 50 })
  const { rows } = await sql<{ file: string }>`select file from pragma_database_list`.execute(app.store.db)
  const file = rows[0]?.file ?? ''
  const servers = await Promise.all(
    [1, 2, 3].map(() =>
      promisify(execFile)(process.execPath, [
        ...['--input-type=module', '--eval', SERVER],
        ...[file, token, String(app.time.now()), '40'],
      ]),
    ),
  )
  const ends = servers.flatMap(({ stdout }): string[] => JSON.parse(stdout))
  expect(Map.groupBy(ends, (end) => end).get('let in')).toHaveLength(50)
  expect(Map.groupBy(ends, (end) => end).get('EXHAUSTED')).toHaveLength(70)
  const events = await app.store.db.selectFrom('invitation_events').selectAll().orderBy('sequence').execute()
  expect(events.map((event) => event.sequence)).toEqual(Array.from({ length: 52 }, (_, index) => index + 1))
  expect(events.at(-1)?.type).toBe('EXHAUSTED')
})

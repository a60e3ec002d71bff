import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stderr } from 'node:process'
import { openDatabase } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import { seed } from '#db/seed.ts'
import { type SeedSize, seededId } from '#db/seedIds.ts'
import { insertApiKey } from '#domain/apiKey.ts'
import { createStore } from '#domain/store.ts'
import { systemTime } from '#domain/time.ts'

/** One line on what is going on; where that cannot be rewritten, nothing. */
export function progress(text: string) {
  if (stderr.isTTY) stderr.write(`\r\u001b[K${text}`)
}

export interface Seeded {
  /** A fresh copy, as a URL. */
  copy(name: string): string
  /** A key of the organization, which are counted from 1. */
  keyOf(organization: number | undefined): string | undefined
  /** Invites of the first organization that can be revoked. */
  revocable: string[]
}

const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const made = new Map<number, Promise<Seeded>>()

/** A database of this size, with a key to each organization; made once. */
export function seeded(size: SeedSize): Promise<Seeded> {
  const known = made.get(size.invites) ?? make(size)
  made.set(size.invites, known)
  return known
}

async function make(size: SeedSize): Promise<Seeded> {
  const file = join(folder, `seeded-${size.invites}.db`)
  const database = openDatabase(`file:${file}`)
  await migrate(database)
  await seed(database, size, (rows, share) =>
    progress(`a database of ${size.invites} invites: ${Math.floor(share * 100)} %, ${rows} rows`),
  )
  const store = createStore({ database, time: systemTime })
  const keys: string[] = []
  for (let number = 1; number <= size.organizations; number++) {
    const key = { organizationId: seededId('org', number), role: 'ORG_ADMIN' as const }
    keys.push((await store.write((tx) => insertApiKey(tx, key))).secret)
  }
  const rows = await database.reader
    .selectFrom('invites')
    .select('id')
    .where('organization_id', '=', seededId('org', 1))
    .where('revoked_at', 'is', null)
    .where('due_at', '>', Date.now() + 86_400_000)
    .limit(500)
    .execute()
  await database.close()
  progress('')
  return {
    copy(name) {
      const copy = join(folder, `${name}.db`)
      for (const end of ['', '-wal', '-shm']) rmSync(copy + end, { force: true })
      copyFileSync(file, copy)
      return `file:${copy}`
    },
    keyOf: (organization) => (organization === undefined ? undefined : keys[organization - 1]),
    revocable: rows.map(({ id }) => id),
  }
}

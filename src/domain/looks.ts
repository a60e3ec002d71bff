import { sql } from 'kysely'
import { idRows } from '#db/rows.ts'
import type { Store } from './store.ts'

type Previewed = 'invites' | 'guest_invitations' | 'member_invitations' | 'join_links'

/** How long looks are gathered: one transaction for each would cost more than answering. */
const GATHERED_MS = 200

/** What was looked at and is not noted yet, for each store. */
const unnoted = new WeakMap<Store, Map<Previewed, Set<string>>>()

/**
 * Notes that somebody who holds its token has looked at an invitation, the first time. Not waited for: no
 * answer depends on it, and losing one is no harm.
 */
export function noteLook(
  store: Store,
  table: Previewed,
  { id, previewed_at: noted }: { id: string; previewed_at: number | null },
) {
  if (noted !== null) return
  const waiting = unnoted.get(store)
  const looks = waiting ?? new Map<Previewed, Set<string>>()
  looks.set(table, (looks.get(table) ?? new Set()).add(id))
  if (waiting) return
  unnoted.set(store, looks)
  setTimeout(() => {
    unnoted.delete(store)
    writeLooks(store, looks).catch(() => {})
  }, GATHERED_MS).unref()
}

const writeLooks = (store: Store, looks: Map<Previewed, Set<string>>) =>
  store.write(async (tx) => {
    for (const [table, ids] of looks) {
      await tx.db
        .updateTable(table)
        .set({ previewed_at: tx.now })
        .where('id', 'in', sql<string>`(select value from ${idRows([...ids])})`)
        .where('previewed_at', 'is', null)
        .execute()
    }
  })

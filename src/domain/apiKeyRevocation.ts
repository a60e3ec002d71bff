import { type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import type { ApiKey } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { perform } from './activity.ts'
import { keyById, ownKey } from './apiKey.ts'
import { idOf } from './inputs.ts'
import type { Store, Tx } from './store.ts'

export const revokeApiKeyInput = z.object({ id: idOf('ApiKey') })

/** Ends a key for good, with the keys that were made with it; their open sockets and streams go with them. */
export function revokeApiKey(store: Store, viewer: Viewer, id: string): Promise<ApiKey> {
  return perform(
    store,
    viewer,
    'apiKey:revoke',
    { type: 'REVOKE_API_KEY', intent: { id }, replay: keyById },
    async (tx, actor) => {
      await ownKey(tx, actor, id)
      await endKeys(tx, sql`id = ${id}`)
      return { subjectId: id, result: await keyById(tx, id) }
    },
  )
}

/** Ends the keys that the user has made for the organization, and those that were made with them. */
export const endKeysOf = (tx: Tx, userId: string, organizationId: string) =>
  endKeys(tx, sql`created_by = ${userId} and organization_id = ${organizationId}`)

/** Ends a key, named by its id or its visible prefix: for the one who runs the server. Answers how many ended. */
export const endApiKey = (store: Store, idOrPrefix: string) =>
  store.write((tx) => endKeys(tx, sql`(id = ${idOrPrefix} or prefix = ${idOrPrefix})`))

/** Ends every key that a development start has made. Answers how many. */
export const revokeDemoKeys = (store: Store) => store.write((tx) => endKeys(tx, sql`demo = 1`))

/** Ends the keys that meet the condition, and those that were made with them: whoever leaked one leaked all. */
async function endKeys(tx: Tx, condition: RawBuilder<unknown>): Promise<number> {
  const { numAffectedRows } = await sql`
    with recursive ended (id) as (
      select id from api_keys where ${condition}
      union
      select api_keys.id from api_keys join ended on api_keys.created_by = ended.id
    )
    update api_keys set revoked_at = ${tx.now}
    where revoked_at is null and id in (select id from ended)`.execute(tx.db)
  return Number(numAffectedRows ?? 0n)
}

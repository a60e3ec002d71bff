import { sql } from 'kysely'
import { z } from 'zod'
import type { ApiKey } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { perform } from './activity.ts'
import { keyById, ownKey } from './apiKey.ts'
import { idOf } from './inputs.ts'
import type { Store, Tx } from './store.ts'

export const revokeApiKeyInput = z.object({ id: idOf('ApiKey') })

/** Ends a key for good; its open sockets and streams go with it. */
export function revokeApiKey(store: Store, viewer: Viewer, id: string): Promise<ApiKey> {
  return perform(
    store,
    viewer,
    'apiKey:revoke',
    { type: 'REVOKE_API_KEY', intent: { id }, replay: keyById },
    async (tx, actor) => {
      const key = await ownKey(tx, actor, id)
      const result = await tx.db
        .updateTable('api_keys')
        .set({ revoked_at: key.revoked_at ?? tx.now })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow()
      return { subjectId: id, result }
    },
  )
}

/** Ends the keys that the user has made for the organization, and those that were made with them. */
export const endKeysOf = (tx: Tx, userId: string, organizationId: string) =>
  sql`
    with recursive made (id) as (
      select id from api_keys where created_by = ${userId} and organization_id = ${organizationId}
      union
      select api_keys.id from api_keys join made on api_keys.created_by = made.id
    )
    update api_keys set revoked_at = ${tx.now}
    where revoked_at is null and id in (select id from made)`.execute(tx.db)

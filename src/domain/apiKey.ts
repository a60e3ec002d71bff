import type { ApiKey } from '#db/tables.ts'
import { type Role, roles, type Viewer } from './access.ts'
import { newId } from './ids.ts'
import { hashSecret, kindOfSecret, newSecret, visiblePrefix } from './secrets.ts'
import type { Store, Tx } from './store.ts'

export interface NewApiKey {
  organizationId: string
  role: Role
  name?: string | null
  expiresAt?: number | null
  /** For development only: `revokeDemoKeys` ends it. */
  demo?: boolean
}

/** Makes a key that acts for the organization; its secret is in the answer and nowhere else. */
export async function createApiKey(tx: Tx, key: NewApiKey): Promise<{ id: string; secret: string }> {
  const secret = newSecret('apiKey')
  const id = newId('ApiKey')
  await tx.db
    .insertInto('api_keys')
    .values({
      id,
      organization_id: key.organizationId,
      name: key.name ?? null,
      prefix: visiblePrefix(secret),
      hash: hashSecret(secret),
      role: key.role,
      demo: key.demo ? 1 : 0,
      created_at: tx.now,
      expires_at: key.expiresAt ?? null,
      revoked_at: null,
    })
    .execute()
  return { id, secret }
}

/** Who calls with this key; undefined for a key that is unknown, revoked or expired. */
export async function viewerOfKey(store: Store, secret: string): Promise<Viewer | undefined> {
  if (kindOfSecret(secret) !== 'apiKey') return undefined
  const key = await store.db
    .selectFrom('api_keys')
    .selectAll()
    .where('hash', '=', hashSecret(secret))
    .executeTakeFirst()
  const role = roles.find((known) => known === key?.role)
  if (!key || !role || !isValid(key, store.now())) return undefined
  return { kind: 'key', keyId: key.id, organizationId: key.organization_id, role }
}

/** Whether the credential that the viewer came with is still good. */
export async function holdsStill(store: Store, viewer: Viewer): Promise<boolean> {
  if (viewer.kind === 'anonymous') return true
  const key = await store.db
    .selectFrom('api_keys')
    .select(['revoked_at', 'expires_at'])
    .where('id', '=', viewer.keyId)
    .executeTakeFirst()
  return key !== undefined && isValid(key, store.now())
}

const isValid = (key: Pick<ApiKey, 'revoked_at' | 'expires_at'>, now: number) =>
  key.revoked_at === null && (key.expires_at === null || key.expires_at > now)

/** Ends a key, named by its id or its visible prefix, for good. Answers how many it ended. */
export const revokeApiKey = (store: Store, idOrPrefix: string) =>
  store.write(async (tx) => {
    const result = await tx.db
      .updateTable('api_keys')
      .set({ revoked_at: tx.now })
      .where((eb) => eb.or([eb('id', '=', idOrPrefix), eb('prefix', '=', idOrPrefix)]))
      .where('revoked_at', 'is', null)
      .executeTakeFirst()
    return Number(result.numUpdatedRows)
  })

/** Ends every key that a development start has made. Answers how many. */
export const revokeDemoKeys = (store: Store) =>
  store.write(async (tx) => {
    const result = await tx.db
      .updateTable('api_keys')
      .set({ revoked_at: tx.now })
      .where('demo', '=', 1)
      .where('revoked_at', 'is', null)
      .executeTakeFirst()
    return Number(result.numUpdatedRows)
  })

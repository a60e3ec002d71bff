import { sql } from 'kysely'
import type { ApiKey } from '#db/tables.ts'
import { type Permission, type Role, roles, type SignedIn } from './access.ts'
import { InvitationClosedError, NotFoundError } from './errors.ts'
import { newId, typeOfId } from './ids.ts'
import type { Listing } from './page.ts'
import { hashSecret, newSecret, visiblePrefix } from './secrets.ts'
import type { Store, Tx } from './store.ts'

export interface NewApiKey {
  organizationId: string
  role: Role
  name?: string | null | undefined
  scopes?: readonly Permission[] | null | undefined
  expiresAt?: number | null | undefined
  createdBy?: string | null | undefined
  /** For development only: `revokeDemoKeys` ends it. */
  demo?: boolean
}

/** Makes a key that acts for the organization. Its secret is in this answer and nowhere else. */
export async function insertApiKey(
  tx: Tx,
  key: NewApiKey,
  secret = newSecret('apiKey'),
): Promise<{ apiKey: ApiKey; secret: string }> {
  const apiKey = await insertKey(tx, key, {
    prefix: visiblePrefix(secret),
    last_four: secret.slice(-4),
    hash: hashSecret(secret),
    public_key: null,
  })
  return { apiKey, secret }
}

/** Registers the public key of somebody who signs their requests. */
export const insertPublicKey = (tx: Tx, key: NewApiKey, publicKey: string): Promise<ApiKey> =>
  insertKey(tx, key, {
    prefix: visiblePrefix(publicKey),
    last_four: null,
    hash: hashSecret(publicKey),
    public_key: publicKey,
  })

type Lock = Pick<ApiKey, 'prefix' | 'last_four' | 'hash' | 'public_key'>

const insertKey = (tx: Tx, key: NewApiKey, lock: Lock): Promise<ApiKey> =>
  tx.db
    .insertInto('api_keys')
    .values({
      ...lock,
      id: newId('ApiKey'),
      organization_id: key.organizationId,
      name: key.name ?? null,
      role: key.role,
      scopes: key.scopes ? JSON.stringify(key.scopes) : null,
      demo: key.demo ? 1 : 0,
      created_by: key.createdBy ?? null,
      created_at: tx.now,
      last_used_at: null,
      expires_at: key.expiresAt ?? null,
      revoked_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()

/** A key of the viewer's organization, revoked or not. */
export async function ownKey(tx: Tx, viewer: SignedIn, id: string): Promise<ApiKey> {
  const key = await tx.db
    .selectFrom('api_keys')
    .selectAll()
    .where('id', '=', id)
    .where('organization_id', '=', viewer.organizationId)
    .executeTakeFirst()
  if (!key) throw new NotFoundError('There is no such API key.')
  return key
}

export const keyById = ({ db }: Pick<Store, 'db'>, id: string): Promise<ApiKey> =>
  db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

/** An organization's keys, newest first. */
export const apiKeysOf: Listing = {
  permission: 'apiKey:read',
  items: 'api_keys',
  from: sql`api_keys`,
  parent: sql.ref('api_keys.organization_id'),
  id: sql.ref('api_keys.id'),
  descending: true,
  filters: [],
}

interface Bounds {
  expiresAt: number | null
  demo: boolean
}

/** What a key that is made with the viewer's credential inherits: its end, and whether it is for development only. */
export const boundsOf = async (tx: Tx, { kind, actorId }: SignedIn): Promise<Bounds> =>
  boundsBy(kind === 'key' ? await keyById(tx, actorId) : undefined)

/**
 * The same for the first key of who accepts an invitation by its token alone: from the key that made it.
 * Where that has ended, no key could be given any more.
 */
export async function boundsOfInvitation(
  tx: Tx,
  { created_by }: { created_by: string | null },
): Promise<Bounds> {
  const isKeys = created_by !== null && typeOfId(created_by) === 'ApiKey'
  const bounds = boundsBy(isKeys ? await keyById(tx, created_by) : undefined)
  if (bounds.expiresAt !== null && bounds.expiresAt <= tx.now) {
    throw new InvitationClosedError({ reason: 'ROLE_NOT_GRANTABLE' })
  }
  return bounds
}

const boundsBy = (maker: ApiKey | undefined): Bounds => ({
  expiresAt: maker?.expires_at ?? null,
  demo: maker?.demo === 1,
})

/** The role of a key as it is stored. */
export function keyRole({ role }: Pick<ApiKey, 'role'>): Role {
  const known = roles.find((candidate) => candidate === role)
  if (!known) throw new Error(`There is no role ${role}.`)
  return known
}

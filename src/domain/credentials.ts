import { prepared } from '#db/prepared.ts'
import type { ApiKey } from '#db/tables.ts'
import { isSignedIn, mayGrant, type Permission, type SignedIn, type Viewer } from './access.ts'
import { actsStill } from './acting.ts'
import { keyRole } from './apiKey.ts'
import { standingBehind } from './granting.ts'
import { hashSecret, kindOfSecret } from './secrets.ts'
import type { Store } from './store.ts'
import { isStillMember, roleOf } from './user.ts'

const LAST_USED_STEP_MS = 60_000

/** Who calls with this key; undefined for a key that is unknown, revoked or expired. */
export const viewerOfKey = (store: Store, secret: string): Promise<SignedIn | undefined> =>
  kindOfSecret(secret) === 'apiKey' ? viewerOfHash(store, hashSecret(secret)) : Promise.resolve(undefined)

/**
 * Who signs with this public key; undefined for one that is not registered, revoked or expired, or did not
 * sign: it is public, and naming it is no use of it.
 */
export const viewerOfPublicKey = (store: Store, publicKey: string, hasSigned: () => boolean) =>
  viewerOfHash(store, hashSecret(publicKey), hasSigned)

const keyOfHash = prepared<{ hash: string }, ApiKey>((db, value) =>
  db.selectFrom('api_keys').selectAll().where('hash', '=', value('hash')),
)
const keyOfId = prepared<{ id: string }, ApiKey>((db, value) =>
  db.selectFrom('api_keys').selectAll().where('id', '=', value('id')),
)

async function viewerOfHash(store: Store, hash: string, isHeld = () => true): Promise<SignedIn | undefined> {
  const [key] = await keyOfHash(store.db, { hash })
  if (!key || !(await isGood(store, key)) || !isHeld()) return undefined
  if ((key.last_used_at ?? 0) < store.now() - LAST_USED_STEP_MS) noteUse(store, key.id)
  return {
    kind: 'key',
    actorId: key.id,
    organizationId: key.organization_id,
    role: keyRole(key),
    scopes: key.scopes ? (JSON.parse(key.scopes) as Permission[]) : null,
  }
}

/** The store, or what of it a transaction sees. */
type Lookups = Pick<Store, 'db' | 'now'>

/** Whether the credential that the viewer came with is still good, also for the organization they act for. */
export async function isStillWelcome(store: Lookups, viewer: Viewer): Promise<boolean> {
  if (!isSignedIn(viewer)) return true
  const holds = viewer.kind === 'user' ? isStillUser(store, viewer) : isStillKey(store, viewer)
  return (await holds) && (await actsStill(store, viewer))
}

async function isStillUser(store: Lookups, { actorId, organizationId, role, validUntil }: SignedIn) {
  if (validUntil !== undefined && validUntil <= store.now()) return false
  return isStillMember(store, actorId, organizationId, role)
}

async function isStillKey(store: Lookups, { actorId }: SignedIn): Promise<boolean> {
  const [key] = await keyOfId(store.db, { id: actorId })
  return key !== undefined && isGood(store, key)
}

/** A key that a member made is good as long as they are one, may use keys, and could give its role. */
async function isGood(store: Lookups, key: ApiKey): Promise<boolean> {
  if (key.revoked_at !== null || (key.expires_at !== null && key.expires_at <= store.now())) return false
  if (key.created_by === null) return true
  const makers = await standingBehind(store, key.created_by, key.organization_id)
  return makers.every(
    ({ role, access_type }) =>
      role !== null && access_type !== 'WEB' && mayGrant(roleOf({ role }), keyRole(key)),
  )
}

/** Not waited for: no answer depends on it, and losing one is no harm. */
function noteUse(store: Store, id: string) {
  store
    .write((tx) => tx.db.updateTable('api_keys').set({ last_used_at: tx.now }).where('id', '=', id).execute())
    .catch(() => {})
}

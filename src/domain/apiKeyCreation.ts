import { z } from 'zod'
import type { ApiKey } from '#db/tables.ts'
import {
  authorize,
  mayGrant,
  type Permission,
  permissions,
  roles,
  type SignedIn,
  type Viewer,
} from './access.ts'
import { perform } from './activity.ts'
import {
  boundsOf,
  insertApiKey,
  insertPublicKey,
  keyById,
  keyRole,
  type NewApiKey,
  ownKey,
} from './apiKey.ts'
import { ConflictError, type InputIssue } from './errors.ts'
import { idempotencyKey, idOf, name, refuseFaults } from './inputs.ts'
import { hashSecret } from './secrets.ts'
import { readStamp, stampKeyOf, verifyStamp } from './stamp.ts'
import type { Store, Tx } from './store.ts'

/** A key, and its secret, where one was made now. */
export interface CreatedApiKey {
  apiKey: ApiKey
  secret: string | null
  replayed: boolean
}

export const createApiKeyInput = z.object({
  name: name('The name'),
  role: z.enum(roles),
  scopes: z
    .array(z.enum(permissions as [Permission, ...Permission[]]))
    .max(permissions.length, 'scopes must have each permission once at most.')
    .nullish(),
  expiresAt: z.number().nullish(),
  publicKey: z
    .string()
    .refine(
      (hex) => stampKeyOf(hex) !== undefined,
      'publicKey must be a compressed point on the curve P-256, in hexadecimal: 66 characters.',
    )
    .transform((hex) => hex.toLowerCase())
    .nullish(),
  publicKeyStamp: z.string().nullish(),
  idempotencyKey,
})
export type CreateApiKeyInput = z.infer<typeof createApiKeyInput>

/** Makes a key of the viewer's organization; no wider than the viewer's own role and scopes. */
export function createApiKey(
  store: Store,
  viewer: Viewer,
  { idempotencyKey: key, publicKeyStamp, ...input }: CreateApiKeyInput,
): Promise<CreatedApiKey> {
  return perform<CreatedApiKey>(
    store,
    viewer,
    'apiKey:create',
    { type: 'CREATE_API_KEY', intent: input, idempotencyKey: key, replay: replayedKey },
    async (tx, actor) => {
      const { expiresAt: end, demo } = await boundsOf(tx, actor)
      refuseFaults([
        ...faultsOf(actor, input, tx.now),
        ...lifetimeFaults(input.expiresAt, end),
        ...possessionFaults(actor, input.publicKey, publicKeyStamp),
      ])
      const owned = {
        ...input,
        organizationId: actor.organizationId,
        createdBy: actor.actorId,
        expiresAt: input.expiresAt ?? end,
        demo,
      }
      const made = input.publicKey
        ? { apiKey: await registered(tx, owned, input.publicKey), secret: null }
        : await insertApiKey(tx, owned)
      return { subjectId: made.apiKey.id, result: { ...made, replayed: false } }
    },
  )
}

async function registered(tx: Tx, key: NewApiKey, publicKey: string): Promise<ApiKey> {
  const known = await tx.db
    .selectFrom('api_keys')
    .select('id')
    .where('hash', '=', hashSecret(publicKey))
    .executeTakeFirst()
  if (known) throw new ConflictError('This public key is registered already.')
  return insertPublicKey(tx, key, publicKey)
}

const replayedKey = async (tx: Tx, id: string): Promise<CreatedApiKey> => ({
  apiKey: await keyById(tx, id),
  secret: null,
  replayed: true,
})

type Wish = Pick<CreateApiKeyInput, 'role' | 'scopes' | 'expiresAt'>

function faultsOf(viewer: SignedIn, { role, scopes, expiresAt }: Wish, now: number): InputIssue[] {
  const faults: InputIssue[] = []
  if (!mayGrant(viewer.role, role)) {
    faults.push({ path: ['role'], message: `Your role ${viewer.role} cannot give the role ${role}.` })
  }
  const wider = viewer.scopes && !(scopes ?? permissions).every((scope) => viewer.scopes?.includes(scope))
  if (wider) faults.push({ path: ['scopes'], message: 'Your own key does not have all of these scopes.' })
  if (expiresAt != null && expiresAt <= now) {
    faults.push({ path: ['expiresAt'], message: 'expiresAt must be in the future.' })
  }
  return faults
}

/**
 * A public key is nobody's secret: whoever registers it shows that they hold the other half. Otherwise a
 * stranger could register it first, and have what its holder signs done in an organization of their own.
 */
function possessionFaults(
  { organizationId }: SignedIn,
  publicKey: string | null | undefined,
  header: string | null | undefined,
): InputIssue[] {
  if (publicKey == null) {
    return header == null
      ? []
      : [{ path: ['publicKeyStamp'], message: 'publicKeyStamp goes with publicKey.' }]
  }
  const stamp = header ? readStamp(header) : undefined
  if (stamp?.publicKey === publicKey && verifyStamp(stamp, Buffer.from(organizationId))) return []
  const message = 'publicKeyStamp must be the X-Stamp that this key makes over the id of your organization.'
  return [{ path: ['publicKeyStamp'], message }]
}

/** A key makes none that outlives it. */
const lifetimeFaults = (expiresAt: number | null | undefined, end: number | null): InputIssue[] =>
  end !== null && (expiresAt ?? 0) > end
    ? [{ path: ['expiresAt'], message: 'Your own key ends before that: expiresAt must not be later.' }]
    : []

/** How long a rotated key still works at most, so that what uses it can be changed over. */
const MAX_OVERLAP_HOURS = 24 * 30

export const rotateApiKeyInput = z.object({
  id: idOf('ApiKey'),
  overlapHours: z
    .number()
    .min(0, 'overlapHours must not be negative.')
    .max(MAX_OVERLAP_HOURS, `overlapHours must be at most ${MAX_OVERLAP_HOURS}.`)
    .nullish(),
  idempotencyKey,
})

/** Makes a key like this one, which itself ends once the overlap (a day unless said otherwise) is over. */
export function rotateApiKey(
  store: Store,
  viewer: Viewer,
  { idempotencyKey: key, ...input }: z.infer<typeof rotateApiKeyInput>,
): Promise<CreatedApiKey> {
  return perform<CreatedApiKey>(
    store,
    viewer,
    'apiKey:create',
    { type: 'ROTATE_API_KEY', intent: input, idempotencyKey: key, replay: replayedKey },
    async (tx, actor) => {
      const old = await ownKey(tx, actor, input.id)
      const isOwn = old.id === actor.actorId
      // The old key comes to its end.
      authorize(actor, 'apiKey:revoke')
      if (old.revoked_at !== null) throw new ConflictError('This key is revoked: make a new one.')
      if (old.expires_at !== null && old.expires_at <= tx.now) {
        throw new ConflictError('This key has expired: make a new one.')
      }
      const wish = {
        role: keyRole(old),
        scopes: old.scopes ? (JSON.parse(old.scopes) as Permission[]) : null,
      }
      refuseFaults([
        ...(old.public_key
          ? [{ path: ['id'], message: 'A public key is replaced by registering another.' }]
          : []),
        ...faultsOf(actor, wish, tx.now).map(({ message }) => ({ path: ['id'], message })),
      ])
      const { expiresAt: end, demo } = await boundsOf(tx, actor)
      // As long from now as the old one was to last: a key that ends is not replaced by one that does not.
      const lasts = old.expires_at && tx.now + (old.expires_at - old.created_at)
      const made = await insertApiKey(tx, {
        ...wish,
        organizationId: old.organization_id,
        name: old.name,
        expiresAt: end === null ? lasts : Math.min(lasts ?? end, end),
        demo,
        createdBy: isOwn ? old.created_by : actor.actorId,
      })
      // What was made with the old one belongs to the new one, and does not end with the old.
      await tx.db
        .updateTable('api_keys')
        .set({ created_by: made.apiKey.id })
        .where('created_by', '=', old.id)
        .where('id', '!=', made.apiKey.id)
        .execute()
      await handInvitations(tx, old.id, made.apiKey.id)
      const ends = tx.now + (input.overlapHours ?? 24) * 3_600_000
      await tx.db
        .updateTable('api_keys')
        .set({ expires_at: Math.min(ends, old.expires_at ?? ends) })
        .where('id', '=', old.id)
        .execute()
      return { subjectId: made.apiKey.id, result: { ...made, replayed: false } }
    },
  )
}

/** The key of whoever accepts them later is to end no later than the new one, not than the old one. */
async function handInvitations(tx: Tx, from: string, to: string) {
  for (const table of ['guest_invitations', 'member_invitations'] as const) {
    await tx.db
      .updateTable(table)
      .set({ created_by: to })
      .where('created_by', '=', from)
      .where('accepted_at', 'is', null)
      .execute()
  }
}

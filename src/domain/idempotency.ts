import { hash } from 'node:crypto'
import { insertRow, prepared } from '#db/prepared.ts'
import type { IdempotencyKey } from '#db/tables.ts'
import { isSignedIn, type Viewer } from './access.ts'
import type { ActivityType } from './activityList.ts'
import { ConflictError, Refusal } from './errors.ts'
import { typeOfId } from './ids.ts'
import type { Tx } from './store.ts'

const KEPT_MS = 24 * 3_600_000

/** One call of a mutation, and how it is recorded. */
export interface Action<Result> {
  type: ActivityType
  /** In whose records it stands: those of the organization that the call is for unless said otherwise. */
  organizationId?: string | undefined
  /** The input, secrets left out. */
  intent: object
  /** What the caller named the call by, so that it may come twice. */
  idempotencyKey?: string | null | undefined
  /** The first result again, from the id of what the first call made or changed; of several, from its memory. */
  replay: (tx: Tx, remembered: string) => Promise<Result>
}

/** A call of a mutation, and what makes another one the same. */
export interface Call<Result> extends Action<Result> {
  organizationId: string
  viewer: Viewer
  /** SHA-256 of what is wished. */
  fingerprint: string
  /** The body that the caller signed, where they did, and which of its equal wishes this is. */
  stampKey: string | undefined
}

export function callOf<Result>(viewer: Viewer, action: Action<Result>, organizationId: string): Call<Result> {
  // How a call is named is no part of what it wishes.
  const { idempotencyKey: _, ...intent } = action.intent as { idempotencyKey?: unknown }
  const fingerprint = hash('sha256', JSON.stringify([action.type, canonical(intent)]))
  return { ...action, intent, organizationId, viewer, fingerprint, stampKey: stampKeyOf(viewer, fingerprint) }
}

const signedWishes = new WeakMap<Viewer, string[]>()

/** One body may wish for the same thing twice; its mutations run one by one, always in the same order. */
function stampKeyOf(viewer: Viewer, fingerprint: string): string | undefined {
  if (!isSignedIn(viewer) || !viewer.stamp) return undefined
  const wishes = signedWishes.get(viewer) ?? []
  signedWishes.set(viewer, [...wishes, fingerprint])
  const ordinal = wishes.filter((wish) => wish === fingerprint).length
  return `stamp:${viewer.stamp}:${fingerprint}:${ordinal}`
}

/** What an earlier call that was the same came to; undefined where there was none. */
export async function earlierResult(
  tx: Tx,
  call: Call<unknown>,
): Promise<{ subjectId: string } | { refused: Refusal } | undefined> {
  const signed = await earlierUse(tx, call, call.stampKey)
  if (signed && typeOfId(signed.result_id) === 'Activity') {
    const refused = 'This signed body has been refused before, and is not tried again: stamp a new one.'
    return { refused: new Refusal('BAD_USER_INPUT', refused) }
  }
  if (signed) return { subjectId: signed.result_id }
  const named = await earlierUse(tx, call, call.idempotencyKey)
  if (named && named.fingerprint !== call.fingerprint) {
    throw new ConflictError('This idempotencyKey was used with another input. Use a new key for a new call.')
  }
  return named && { subjectId: named.result_id }
}

/** Whether the same signed body has been refused. */
export const wasRefused = async (tx: Tx, call: Call<unknown>) =>
  (await earlierUse(tx, call, call.stampKey)) !== undefined

async function earlierUse(tx: Tx, { organizationId }: Call<unknown>, key: string | null | undefined) {
  if (key == null) return undefined
  const [use] = await useOfKey(tx.db, { organizationId, key, after: tx.now - KEPT_MS })
  return use
}

const useOfKey = prepared<
  { organizationId: string; key: string; after: number },
  Pick<IdempotencyKey, 'fingerprint' | 'result_id'>
>((db, value) =>
  db
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'result_id'])
    .where('organization_id', '=', value('organizationId'))
    .where('key', '=', value('key'))
    .where('created_at', '>', value('after')),
)

/** Keeps the result for 24 hours; what is older goes. */
export async function remember(tx: Tx, call: Call<unknown>, resultId: string) {
  await keep(tx, call, [call.idempotencyKey, call.stampKey], resultId)
}

/** Keeps that a signed body was refused, by the id of the activity: what others wished once is not tried later. */
export async function rememberRefusal(tx: Tx, call: Call<unknown>, activityId: string) {
  await keep(tx, call, [call.stampKey], activityId)
}

async function keep(tx: Tx, call: Call<unknown>, keys: (string | null | undefined)[], resultId: string) {
  const given = keys.filter((key) => key != null)
  if (given.length === 0) return
  await forgetOld(tx.db, { before: tx.now - KEPT_MS })
  for (const key of given) {
    await insertRow(tx.db, 'idempotency_keys', {
      organization_id: call.organizationId,
      key,
      fingerprint: call.fingerprint,
      result_id: resultId,
      created_at: tx.now,
    })
  }
}

const forgetOld = prepared<{ before: number }, unknown>((db, value) =>
  db.deleteFrom('idempotency_keys').where('created_at', '<=', value('before')),
)

/** The value with its keys in order and what is not given left out: equal inputs become equal texts. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, part]) => part != null)
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, canonical(part)])
}

import { hash } from 'node:crypto'
import { ConflictError } from './errors.ts'
import type { Tx } from './store.ts'

const KEPT_MS = 24 * 3_600_000

/** One call that may come twice. */
export interface Call {
  organizationId: string
  /** What the caller named the call by; without it every call is a new one. */
  key: string | null | undefined
  operation: string
  input: object
}

/** The id of what an earlier call with this key made; refuses a key that came with another input. */
export async function earlierResult(tx: Tx, call: Call): Promise<string | undefined> {
  if (call.key == null) return undefined
  const earlier = await tx.db
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'result_id'])
    .where('organization_id', '=', call.organizationId)
    .where('key', '=', call.key)
    .where('created_at', '>', tx.now - KEPT_MS)
    .executeTakeFirst()
  if (!earlier) return undefined
  if (earlier.fingerprint !== fingerprintOf(call)) {
    throw new ConflictError('This idempotencyKey was used with another input. Use a new key for a new call.')
  }
  return earlier.result_id
}

/** Keeps the result for 24 hours; what is older goes. */
export async function rememberResult(tx: Tx, call: Call, resultId: string) {
  if (call.key == null) return
  await tx.db
    .deleteFrom('idempotency_keys')
    .where('created_at', '<=', tx.now - KEPT_MS)
    .execute()
  await tx.db
    .insertInto('idempotency_keys')
    .values({
      organization_id: call.organizationId,
      key: call.key,
      fingerprint: fingerprintOf(call),
      result_id: resultId,
      created_at: tx.now,
    })
    .execute()
}

const fingerprintOf = (call: Call) => hash('sha256', JSON.stringify([call.operation, canonical(call.input)]))

/** The value with its keys in order and what is not given left out: equal inputs become equal texts. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, part]) => part != null)
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, canonical(part)])
}

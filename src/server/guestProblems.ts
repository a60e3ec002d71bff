import { NotFoundError, RateLimitedError, Refusal, UserError, WrongAccountError } from '#domain/errors.ts'
import type { Problem } from '#pages/problem.ts'

/** What a refusal of the domain is to a guest; undefined for a fault of ours. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof RateLimitedError) return { kind: 'RATE_LIMITED', seconds: error.retryAfter }
  if (error instanceof WrongAccountError) {
    return { kind: 'WRONG_ACCOUNT', invited: error.invitedEmail, viewer: error.viewerEmail }
  }
  if (error instanceof NotFoundError) return { kind: 'UNKNOWN' }
  if (error instanceof UserError) return { kind: 'REFUSED', status: 409, detail: error.message }
  if (!(error instanceof Refusal)) return undefined
  if (error.code === 'RATE_LIMITED') {
    return { kind: 'RATE_LIMITED', seconds: Number(error.details.retryAfter) }
  }
  if (error.code === 'UNAUTHENTICATED') return { kind: 'SIGN_IN' }
  return { kind: 'REFUSED', status: 403, detail: error.message }
}

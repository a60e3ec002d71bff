import type { ClosedReason } from './invitation.ts'

/**
 * An expected failure: what a client is told as a member of a mutation's result union.
 * It undoes the transaction that it is thrown in.
 */
export abstract class UserError extends Error {
  abstract readonly code: string
}

export interface InputIssue {
  path: string[]
  message: string
}

/** The input is not acceptable: every fault at once. */
export class InvalidInputError extends UserError {
  readonly code = 'INVALID_INPUT'
  readonly issues: InputIssue[]

  constructor(issues: InputIssue[]) {
    super(issues.map((issue) => issue.message).join(' '))
    this.issues = issues
  }
}

/** There is no such thing, or the viewer may not know of it. */
export class NotFoundError extends UserError {
  readonly code = 'NOT_FOUND'
}

/** A name that more than one thing answers to. */
export class AmbiguousNameError extends UserError {
  readonly code = 'AMBIGUOUS_NAME'
  readonly candidates: { id: string }[]

  constructor(message: string, candidates: { id: string }[]) {
    super(message)
    this.candidates = candidates
  }
}

/** The thing is there already, has changed meanwhile, or the idempotency key was used with another input. */
export class ConflictError extends UserError {
  readonly code = 'CONFLICT'
  /** The id of what stands in the way, as it is now. */
  readonly currentId: string | null

  constructor(message: string, current?: { id: string }) {
    super(message)
    this.currentId = current?.id ?? null
  }
}

/** The invitation can no longer, or not yet, be used. */
export class InvitationClosedError extends UserError {
  readonly code = 'INVITATION_CLOSED'
  readonly reason: ClosedReason
  readonly opensAt: number | null
  readonly closedAt: number | null

  constructor(closed: { reason: ClosedReason; opensAt?: number | null; closedAt?: number | null }) {
    super(CLOSED_MESSAGES[closed.reason])
    this.reason = closed.reason
    this.opensAt = closed.opensAt ?? null
    this.closedAt = closed.closedAt ?? null
  }
}

const CLOSED_MESSAGES: Record<ClosedReason, string> = {
  NOT_YET_VALID: 'This invitation is not open yet.',
  ALREADY_ACCEPTED: 'This invitation has already been accepted.',
  DECLINED: 'This invitation was declined.',
  EXHAUSTED: 'Every use of this invitation is spent.',
  EXPIRED: 'This invitation has expired.',
  REVOKED: 'This invitation was revoked.',
  ARCHIVED: 'This invitation has been archived.',
  ROLE_NOT_GRANTABLE: 'Whoever gave this invitation may not give its role any more: ask for a new one.',
}

/** The organization has as many open invitations as it may have. */
export class LimitReachedError extends UserError {
  readonly code = 'LIMIT_REACHED'
  readonly limit: number

  constructor(limit: number) {
    super(
      `${limit} invitations are open already, as many as there may be. Revoke one, or wait until one expires.`,
    )
    this.limit = limit
  }
}

/** The user cannot come in yet, and would not know what to do with a message. */
export class UserNotActiveError extends UserError {
  readonly code = 'USER_NOT_ACTIVE'

  constructor() {
    super('This user is not active yet: send it once they have signed in, or have an e-mail address.')
  }
}

/** Signed in as somebody else than the one who is invited; both addresses masked. */
export class WrongAccountError extends UserError {
  readonly code = 'WRONG_ACCOUNT'
  readonly invitedEmail: string
  /** Null where theirs is not verified, or they have none. */
  readonly viewerEmail: string | null

  constructor(invitedEmail: string, viewerEmail: string | null) {
    super(
      viewerEmail === null
        ? `This invitation is for ${invitedEmail}, and your account has no verified e-mail address: open the link in that mailbox, or verify the address first.`
        : `This invitation is for ${invitedEmail}, and you are signed in as ${viewerEmail}: sign in with that address, or ask for an invitation to yours.`,
    )
    this.invitedEmail = invitedEmail
    this.viewerEmail = viewerEmail
  }
}

/** Nothing is wrong with this row of a call that is all or nothing, but with another one. */
export class NotDoneError extends UserError {
  readonly code = 'NOT_DONE'

  constructor() {
    super('Nothing was done, because other rows were refused: send them all again once those are right.')
  }
}

/** Too many attempts; `retryAfter` in seconds. */
export class RateLimitedError extends UserError {
  readonly code = 'RATE_LIMITED'
  readonly retryAfter: number

  constructor(retryAfter: number, what = 'Too many attempts.', otherwise = '') {
    super(`${what} Try again in ${retryAfter} s${otherwise}.`)
    this.retryAfter = retryAfter
  }
}

/** Those that are kept with the result of a call. */
const kept: Record<string, { prototype: UserError }> = {
  INVALID_INPUT: InvalidInputError,
  NOT_FOUND: NotFoundError,
  CONFLICT: ConflictError,
  LIMIT_REACHED: LimitReachedError,
  RATE_LIMITED: RateLimitedError,
}

/** A refusal that was kept as JSON. */
export function restoredError(fields: { code: string; message: string }): UserError {
  const kind = kept[fields.code]
  if (!kind) throw new Error(`No refusal of the code ${fields.code} is kept.`)
  return Object.assign(Object.create(kind.prototype) as UserError, fields)
}

export type RefusalCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_USER_INPUT'
  | 'CURSOR_OUT_OF_RANGE'
  | 'RATE_LIMITED'

/** A call that is refused as a whole: it reaches the client as a top-level error with this code. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly details: Record<string, unknown>

  constructor(code: RefusalCode, message: string, details: Record<string, unknown> = {}) {
    super(message)
    this.code = code
    this.details = details
  }
}

/** What every mutation that creates says of its idempotency key. */
export const IDEMPOTENCY_KEY =
  'The same key with the same input answers with the first result, for 24 hours, its secrets left out; with another input, a ConflictError. 1 to 128 characters.'

/** What every payload of such a mutation says. */
export const REPLAYED = 'Whether an earlier call with this idempotency key did the work.'

/** The same where the payload shows a link. */
export const LINK_REPLAYED =
  'Whether an earlier call with this idempotency key did the work; then token and inviteUrl are null.'

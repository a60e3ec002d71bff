import { GraphQLError } from 'graphql'
import type { Logger } from 'pino'
import { Refusal } from '#domain/errors.ts'

/**
 * An error as a client may see it: refusals with their code, faults of the request without the values that
 * were sent, and of everything else only that it happened; that is logged, once, with the request's id.
 */
export function presentError(error: unknown, log: Logger, requestId: string): GraphQLError {
  const cause = causeOf(error)
  const located = error instanceof GraphQLError ? error : undefined
  if (cause instanceof Refusal) {
    return relocated(located, cause.message, { code: cause.code, ...cause.details })
  }
  if (cause instanceof GraphQLError) {
    return relocated(located, withoutValues(cause === located ? cause.message : (located ?? cause).message), {
      ...cause.extensions,
      ...located?.extensions,
      // Where a parser of the request's body keeps what it was sent.
      originalError: undefined,
    })
  }
  log.error({ err: cause, requestId, path: located?.path?.join('.') }, 'an operation failed')
  return relocated(located, 'Something went wrong on our side. Tell us the request id.', {
    code: 'INTERNAL_SERVER_ERROR',
    requestId,
  })
}

function causeOf(error: unknown): unknown {
  let cause = error
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError
  return cause
}

const relocated = (located: GraphQLError | undefined, message: string, extensions: Record<string, unknown>) =>
  new GraphQLError(message, {
    nodes: located?.nodes,
    source: located?.source,
    positions: located?.positions,
    path: located?.path,
    extensions,
  })

/** What graphql-js says of an unacceptable value ends with the value: a secret, perhaps. */
const withoutValues = (message: string) =>
  message.replace(/(?:, but encountered error "|[,;.]? ?found: )[\s\S]*$/i, '.')

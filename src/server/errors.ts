import { GraphQLError, Kind } from 'graphql'
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
  if (isTimeout(cause)) {
    return relocated(located, 'The operation took too long: ask for less at once.', {
      code: 'DEADLINE_EXCEEDED',
    })
  }
  if (located && cause instanceof GraphQLError && !isOurs(located)) return withoutValues(located)
  log.error({ err: cause, requestId, path: located?.path?.join('.') }, 'an operation failed')
  return relocated(located, 'Something went wrong on our side. Tell us the request id.', {
    code: 'INTERNAL_SERVER_ERROR',
    requestId,
  })
}

/** graphql-js tells of a signal that ended an operation by an error with the signal's reason as its cause. */
const isTimeout = (error: unknown) =>
  error instanceof Error && error.cause instanceof DOMException && error.cause.name === 'TimeoutError'

/** Of what graphql-js itself reports while it runs an operation, only arguments are the caller's fault. */
const isOurs = ({ path, nodes, extensions }: GraphQLError) =>
  path !== undefined &&
  extensions.code === undefined &&
  (nodes ?? []).every((node) => node.kind === Kind.FIELD)

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

/**
 * A fault of the request without the value that it is about. What graphql-js says of a value ends with it, or
 * quotes it: a secret, perhaps. A secret of ours is recognized even where it stands for a name.
 */
export function withoutValues(fault: GraphQLError): GraphQLError {
  const cause = causeOf(fault)
  const extensions = cause instanceof GraphQLError ? cause.extensions : {}
  const message = fault.message
    .replace(/Value "[\s\S]*" does not exist/, 'This value does not exist')
    .replace(
      /(?:, but encountered error "|[,;.]? ?\bfound: |(?<=cannot represent [^:]*value): )[\s\S]*$/i,
      '.',
    )
    // Before the value there may be a question.
    .replace(/(?<=\?)\.$/, '')
    .replace(/(?<=\b(?:String|BlockString|Int|Float|Name)) "[\s\S]*"(?=\.$)/, '')
    .replace(/\blk_[a-z]+_[\w-]+/g, '…')
  return relocated(fault, message, { ...extensions, ...fault.extensions })
}

export function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions.code ??= code
  return error
}

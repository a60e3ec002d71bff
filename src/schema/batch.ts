import { type Batch, isRefused } from '#domain/batch.ts'
import type { UserError } from '#domain/errors.ts'
import { builder } from './builder.ts'
import { REPLAYED } from './idempotencyKey.ts'

/** What every bulk call says of its rows' being all or nothing. */
export const ATOMIC =
  'Whether nothing is done unless every row can be: then the others answer with a NotDoneError.'

type Ref<Shape> = ReturnType<ReturnType<typeof builder.objectRef<Shape>>['implement']>
type ErrorType = abstract new (...args: never[]) => UserError

/** The payload of a bulk call: for each row what a single call answers with, or why it was refused. */
export function batchPayload<Made extends object>(
  call: string,
  made: Ref<Made>,
  errors: readonly ErrorType[],
) {
  const Result = builder.unionType(`${call}RowResult`, {
    description: 'What became of one row: done, or why it was not.',
    types: [made, ...(errors as unknown as Ref<UserError>[])],
    resolveType: (result) => ('refusal' in result ? String(result.refusal) : made.name),
  })
  return builder.objectRef<Batch<Made>>(`${call}Payload`).implement({
    description: 'What became of each row.',
    fields: (t) => ({
      results: t.field({
        type: [Result],
        description: 'One for each row, in the order of the input.',
        resolve: ({ results }) =>
          results.map((result) => (isRefused(result) ? told(result) : result)) as never,
      }),
      replayed: t.exposeBoolean('replayed', { description: REPLAYED }),
    }),
  })
}

/** A refusal as a result: what is an Error itself, the executor would throw. */
const told = (error: UserError) => ({ ...error, message: error.message, refusal: error.constructor.name })

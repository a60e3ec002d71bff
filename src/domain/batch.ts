import type { Needed, SignedIn, Viewer } from './access.ts'
import { perform } from './activity.ts'
import { InvalidInputError, NotDoneError, restoredError, UserError } from './errors.ts'
import type { Action } from './idempotency.ts'
import type { Store, Tx } from './store.ts'

/** What became of one row of a bulk call. */
type RowResult<Made> = Made | UserError

export interface Batch<Made> {
  /** One for each row, in the order of the input. */
  results: RowResult<Made>[]
  /** Whether an earlier call with this idempotency key did the work. */
  replayed: boolean
}

/** How a bulk call does one row, and names what it made. */
export interface RowWork<Row, Made> {
  rows: readonly Row[]
  /** Whether nothing is done unless every row can be. */
  atomic: boolean
  /** The input's list of rows, where faults are told of. */
  path: string
  make: (tx: Tx, actor: SignedIn, row: Row) => Promise<Made>
  idOf: (made: Made) => string
  /** What was made, its secrets left out. */
  replayOf: (tx: Tx, id: string) => Promise<Made>
}

/**
 * Runs a bulk call as one activity in one transaction: each row is done or refused by itself, one after the
 * other, so that a later row meets what an earlier one has made.
 */
export async function performBatch<Row, Made>(
  store: Store,
  viewer: Viewer,
  needed: Needed,
  action: Omit<Action<unknown>, 'replay'>,
  work: RowWork<Row, Made>,
): Promise<Batch<Made>> {
  const replay = async (tx: Tx, memory: string): Promise<Batch<Made>> => {
    const outcomes = JSON.parse(memory) as Outcome[]
    const results = outcomes.map((outcome) =>
      'id' in outcome ? work.replayOf(tx, outcome.id) : restoredError(outcome.refused),
    )
    return { results: await Promise.all(results), replayed: true }
  }
  try {
    return await perform<Batch<Made>>(store, viewer, needed, { ...action, replay }, async (tx, actor) => {
      const results: RowResult<Made>[] = []
      for (const [index, row] of work.rows.entries()) {
        const made = tx.attempt(() => work.make(tx, actor, row))
        results.push(await made.catch((error: unknown) => refusalOfRow(error, [work.path, String(index)])))
      }
      if (work.atomic && results.some(isRefused)) throw new AllOrNothing(results)
      const outcomes = results.map((result) =>
        isRefused(result) ? { refused: { ...result, message: result.message } } : { id: work.idOf(result) },
      )
      return {
        subjectIds: outcomes.flatMap((outcome) => ('id' in outcome ? outcome.id : [])),
        memory: JSON.stringify(outcomes satisfies Outcome[]),
        result: { results, replayed: false },
      }
    })
  } catch (error) {
    if (!(error instanceof AllOrNothing)) throw error
    const results = error.results.map((result) => (isRefused(result) ? result : new NotDoneError()))
    return { results, replayed: false }
  }
}

type Outcome = { id: string } | { refused: { code: string; message: string } }

/** Undoes the transaction, and is recorded as refused. */
class AllOrNothing extends UserError {
  readonly code = 'NOT_DONE'
  readonly results: RowResult<never>[]

  constructor(results: RowResult<unknown>[]) {
    super('Not every row can be done.')
    this.results = results as RowResult<never>[]
  }
}

/** Whether the row was refused. */
export const isRefused = (result: unknown): result is UserError => result instanceof UserError

/** A row's own refusal, its faults told of from the input's root; what is no refusal undoes everything. */
function refusalOfRow(error: unknown, path: string[]): UserError {
  if (error instanceof InvalidInputError) {
    return new InvalidInputError(error.issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] })))
  }
  if (error instanceof UserError) return error
  throw error
}

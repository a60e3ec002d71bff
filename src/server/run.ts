import {
  type FieldNode,
  type GraphQLField,
  type GraphQLResolveInfo,
  getArgumentValues,
  type getVariableValues,
} from 'graphql'
import type { Context } from '#schema/context.ts'

type Variables = Extract<ReturnType<typeof getVariableValues>, { variableValues: unknown }>['variableValues']
export type Target = Record<string | number, unknown>
export type Complete = (run: Run, value: unknown) => unknown

/** One field of a selection, with all that does not depend on the object that it is asked of. */
export interface PlannedField {
  key: string
  definition: GraphQLField<unknown, unknown>
  node: FieldNode
  /** Where its arguments stand among those that are read once for each run. */
  index: number
  info: GraphQLResolveInfo
  complete: Complete
}

/** That this way ends here: graphql-js, asked again, answers with the errors that belong in the answer. */
export class Unplanned extends Error {}

export function unplanned(): never {
  throw new Unplanned()
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'

/** One run of a plan. However many promises it waits for, it makes one. */
export class Run {
  readonly context: Context
  readonly #variables: Variables
  readonly #signal: AbortSignal
  readonly #arguments: Record<string, unknown>[] = []
  #waiting = 0
  #data: Target = {}
  #resolve!: (data: Target) => void
  #reject!: (error: unknown) => void
  #ended = false

  constructor(context: Context, variables: Variables, signal: AbortSignal) {
    this.context = context
    this.#variables = variables
    this.#signal = signal
  }

  start(fields: PlannedField[]): Promise<Target> {
    return new Promise((resolve, reject) => {
      // As they are: closures in their place kept all that runs had made from being collected while it was young.
      this.#resolve = resolve
      this.#reject = reject
      try {
        this.#data = this.execute(fields, undefined)
        if (this.#waiting === 0) resolve(this.#data)
      } catch (error) {
        this.#fail(error)
      }
    })
  }

  execute(fields: PlannedField[], source: unknown): Target {
    const target: Target = {}
    for (const field of fields) this.put(target, field.key, this.#resolved(field, source), field.complete)
    return target
  }

  /** Sets what the value comes to, when it has come; the place is taken at once, so that the order holds. */
  put(target: Target, key: string | number, value: unknown, complete: Complete) {
    if (!isPromise(value)) {
      target[key] = complete(this, value)
      return
    }
    target[key] = null
    this.#waiting++
    value.then(
      (come) => {
        if (this.#ended) return
        try {
          if (this.#signal.aborted) unplanned()
          target[key] = complete(this, come)
          if (--this.#waiting === 0) this.#resolve(this.#data)
        } catch (error) {
          this.#fail(error)
        }
      },
      (error) => this.#fail(error),
    )
  }

  #fail(error: unknown) {
    this.#ended = true
    this.#reject(error)
  }

  #resolved({ definition, node, index, info }: PlannedField, source: unknown): unknown {
    let values = this.#arguments[index]
    if (!values) {
      values = getArgumentValues(definition, node, this.#variables)
      this.#arguments[index] = values
    }
    if (definition.resolve) return definition.resolve(source, values, this.context, info)
    const property = (source as Target | undefined)?.[definition.name]
    return typeof property === 'function' ? property.call(source, values, this.context, info) : property
  }
}

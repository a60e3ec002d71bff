import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  executeSubscriptionEvent,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  mapSourceToResponseEvent,
  validateSubscriptionArgs,
  visit,
} from 'graphql'
import type { Logger } from 'pino'
import { requireSignIn } from '#domain/access.ts'
import type { Context } from '#schema/context.ts'
import { cursorOfDelivery } from '#schema/invitationEvent.ts'
import { Documents } from './documents.ts'
import { presentError, withCode } from './errors.ts'

export interface EngineOptions {
  schema: GraphQLSchema
  log: Logger
  /** Whether callers who have not signed in may ask what the schema is, and get hints at its names. */
  openSchema: boolean
}

type Results = AsyncIterableIterator<ExecutionResult>

/** How operations are parsed, validated and run: the same for every transport. */
export class Engine {
  readonly schema: GraphQLSchema
  readonly #log: Logger
  readonly #openSchema: boolean
  readonly #documents: Documents
  readonly #cursors = new WeakMap<object, string>()
  #running = 0
  #onIdle = () => {}

  constructor({ schema, log, openSchema }: EngineOptions) {
    this.schema = schema
    this.#log = log
    this.#openSchema = openSchema
    this.#documents = new Documents(schema, openSchema)
  }

  parse = (source: string): DocumentNode => this.#documents.parse(source)

  validate = (document: DocumentNode): readonly GraphQLError[] => this.#documents.faultsOf(document)

  execute = async (args: ExecutionArgs): Promise<ExecutionResult> => {
    const context = args.contextValue as Context
    this.#running++
    try {
      this.#guardIntrospection(args.document, context)
      return this.#present(await execute(this.#withOptions(args)), context)
    } catch (error) {
      return { errors: [presentError(error, this.#log, context.requestId)] }
    } finally {
      if (--this.#running === 0) this.#onIdle()
    }
  }

  subscribe = async (args: ExecutionArgs): Promise<Results | ExecutionResult> => {
    const context = args.contextValue as Context
    const validated = validateSubscriptionArgs(this.#withOptions(args))
    if (!('schema' in validated)) return this.#present({ errors: validated }, context)
    const source = await createSourceEventStream(validated)
    if ('errors' in source) return this.#present(source, context)
    const results = mapSourceToResponseEvent(validated, source as AsyncIterable<unknown>, async (event) => {
      // A context of its own for each event, and so loaders that know nothing of earlier ones.
      const contextValue: Context = { ...context }
      const result = this.#present(await executeSubscriptionEvent({ ...event, contextValue }), context)
      this.#cursors.set(result, cursorOfDelivery(event.rootValue as never))
      return result
    })
    return presentFailures(results as Results, (error) => presentError(error, this.#log, context.requestId))
  }

  /** Where in the event log a result of a subscription stands. */
  cursorOf = (result: object) => this.#cursors.get(result)

  /** Resolves once no query or mutation is running. */
  idle(): Promise<void> {
    return this.#running === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#onIdle = resolve
        })
  }

  #withOptions = (args: ExecutionArgs): ExecutionArgs => ({
    ...args,
    schema: this.schema,
    hideSuggestions: !this.#openSchema,
    options: { maxCoercionErrors: 20 },
  })

  #present(result: ExecutionResult, context: Context): ExecutionResult {
    if (!result.errors) return result
    return {
      ...result,
      errors: result.errors.map((error) =>
        withCode(presentError(error, this.#log, context.requestId), 'BAD_USER_INPUT'),
      ),
    }
  }

  #guardIntrospection(document: DocumentNode, context: Context) {
    if (!this.#openSchema && asksForSchema(document)) requireSignIn(context.viewer)
  }
}

function asksForSchema(document: DocumentNode): boolean {
  let asks = false
  visit(document, {
    [Kind.FIELD]: ({ name }) => {
      if (name.value === '__schema' || name.value === '__type') asks = true
    },
  })
  return asks
}

/** The results, whose source may fail: its failure is the last of them, presented as any other error. */
function presentFailures(results: Results, present: (error: unknown) => GraphQLError): Results {
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      try {
        return await results.next()
      } catch (error) {
        throw present(error)
      }
    },
    return: async () => (await results.return?.()) ?? { done: true, value: undefined },
  }
}

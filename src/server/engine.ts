import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  executeSubscriptionEvent,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
} from 'graphql'
import type { Logger } from 'pino'
import type { Context } from '#schema/context.ts'
import { cursorOfDelivery, type Delivery, nameOfDelivery } from '#schema/invitationEvent.ts'
import { Deadlines } from './deadlines.ts'
import { Documents } from './documents.ts'
import { presentError, withCode } from './errors.ts'
import { costFault } from './limits.ts'
import { Plan } from './plan.ts'
import { Results } from './results.ts'
import { Audiences, sharedResult } from './sharing.ts'

export interface EngineOptions {
  schema: GraphQLSchema
  log: Logger
  /** Whether callers who have not signed in may ask what the schema is, and get hints at its names. */
  openSchema: boolean
  /** How long an operation may take. */
  deadlineMs?: number
}

/** How operations are parsed, validated and run: the same for every transport. */
export class Engine {
  readonly schema: GraphQLSchema
  readonly #log: Logger
  readonly #openSchema: boolean
  readonly #documents: Documents
  readonly #cursors = new WeakMap<object, string>()
  readonly #texts = new WeakMap<object, Buffer>()
  readonly #audiences = new Audiences()
  readonly #deadlines: Deadlines
  #running = 0
  #onIdle = () => {}

  constructor({ schema, log, openSchema, deadlineMs }: EngineOptions) {
    this.schema = schema
    this.#log = log
    this.#openSchema = openSchema
    this.#documents = new Documents(schema, openSchema)
    this.#deadlines = new Deadlines(deadlineMs)
  }

  parse = (source: string): DocumentNode => this.#documents.parse(source)

  validate = (document: DocumentNode): readonly GraphQLError[] => this.#documents.faultsOf(document)

  execute = async (args: ExecutionArgs): Promise<ExecutionResult> => {
    const context = args.contextValue as Context
    this.#running++
    try {
      const fault = this.refusalOf(args)
      if (fault) return this.#present({ errors: [fault] }, context)
      const abortSignal = this.#deadlines.signal()
      const operation = getOperationAST(args.document, args.operationName)
      const plan = Plan.of(this.schema, args.document, operation)
      const data = await (plan && this.#deadlines.within(plan.run(args.variableValues, context, abortSignal)))
      if (data) return { data }
      const contextValue = afresh(context)
      return this.#present(await execute({ ...this.#withOptions(args), contextValue, abortSignal }), context)
    } catch (error) {
      return { errors: [presentError(error, this.#log, context.requestId)] }
    } finally {
      if (--this.#running === 0) this.#onIdle()
    }
  }

  subscribe = async (args: ExecutionArgs): Promise<Results | ExecutionResult> => {
    const context = args.contextValue as Context
    const fault = this.refusalOf(args)
    if (fault) return this.#present({ errors: [fault] }, context)
    const validated = validateSubscriptionArgs(this.#withOptions(args))
    if (!('schema' in validated)) return this.#present({ errors: validated }, context)
    const source = await createSourceEventStream(validated)
    if ('errors' in source) return this.#present(source, context)
    const audience = this.#audiences.of(
      args.document,
      args.operationName,
      validated.variableValues.coerced,
      context,
    )
    return new Results(source as AsyncIterator<Delivery>, {
      resultOf: (event) =>
        sharedResult(audience, nameOfDelivery(event), () => this.#resultOf(validated, event)),
      present: (result) => this.#presentShared(result, context),
      presentError: (error) => presentError(error, this.#log, context.requestId),
      crowds: audience.crowds,
    })
  }

  /** A result as it is sent. What many are sent is written once. */
  textOf(result: ExecutionResult): Buffer {
    let text = this.#texts.get(result)
    if (!text) {
      text = Buffer.from(JSON.stringify(result))
      this.#texts.set(result, text)
    }
    return text
  }

  /** Where in the event log a result of a subscription stands. */
  cursorOf = (result: object) => this.#cursors.get(result)

  /** Why a valid operation is not run: what it would cost with these variables, or that it asks for the schema. */
  refusalOf({
    document,
    operationName,
    variableValues,
    contextValue,
  }: ExecutionArgs): GraphQLError | undefined {
    const { viewer } = contextValue as Context
    if (!this.#openSchema && viewer.kind === 'anonymous' && this.#documents.asksForSchema(document)) {
      return new GraphQLError('Sign in first: the schema is not open to everybody.', {
        extensions: { code: 'UNAUTHENTICATED' },
      })
    }
    return costFault(this.schema, document, operationName, variableValues)
  }

  /** Resolves once no query or mutation is running. */
  idle(): Promise<void> {
    return this.#running === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#onIdle = resolve
        })
  }

  async #resultOf(args: ValidatedSubscriptionArgs, event: Delivery): Promise<ExecutionResult> {
    const contextValue = afresh(args.contextValue as Context)
    const run = async () => executeSubscriptionEvent({ ...args, rootValue: event, contextValue })
    const result = await this.#deadlines.within(run()).catch((error) => ({ errors: [error] }))
    this.#cursors.set(result, cursorOfDelivery(event))
    return result
  }

  /** A result as one of those who share it is told it. */
  #presentShared(result: ExecutionResult, context: Context): ExecutionResult {
    if (!result.errors) return result
    const presented = this.#present(result, context)
    this.#cursors.set(presented, this.#cursors.get(result) ?? '')
    return presented
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
}

/** The context with loaders that know nothing of what was loaded before. */
const afresh = (context: Context): Context => ({ ...context, loaders: new Map() })

import {
  type DocumentNode,
  type ExecutionResult,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql'
import { isSignedIn } from '#domain/access.ts'
import type { Context } from '#schema/context.ts'
import type { Crowd } from './crowd.ts'

/** How long a result is told to others: what stands beside the event in it is read anew after that. */
const SHARED_MS = 100

interface Told {
  /** The event, and where it stands in the log. */
  event: string
  /** A promise only while it is being made. */
  result: ExecutionResult | Promise<ExecutionResult>
  at: number
}

/** The subscriptions that are told the same of an event, with the last that one of them was told. */
export interface Audience {
  told: Told | undefined
  /** Those of them who go on together, by what they follow. */
  crowds: Map<string, Crowd>
}

/**
 * One execution for all who are told of an event in the same words. What they share is only what the event comes
 * to: errors in it are worded for each. One result is held for each audience, however many it has.
 */
export class Audiences {
  readonly #audiences = new Map<string, WeakRef<Audience>>()
  readonly #gone = new FinalizationRegistry<string>((key) => {
    if (!this.#audiences.get(key)?.deref()) this.#audiences.delete(key)
  })

  /** Whom a subscription shares its results with. */
  of(document: DocumentNode, operationName: string | null | undefined, variables: object, context: Context) {
    const key = keyOf(document, operationName, variables, context)
    const known = this.#audiences.get(key)?.deref()
    if (known) return known
    const audience: Audience = { told: undefined, crowds: new Map() }
    this.#audiences.set(key, new WeakRef(audience))
    this.#gone.register(audience, key)
    return audience
  }
}

/** What the event comes to: as another of the audience was just told, or made anew. */
export function sharedResult(
  audience: Audience,
  event: string,
  make: () => Promise<ExecutionResult>,
): ExecutionResult | Promise<ExecutionResult> {
  const { told } = audience
  if (told?.event === event && performance.now() - told.at < SHARED_MS) return told.result
  const made: Told = { event, result: make(), at: performance.now() }
  audience.told = made
  return Promise.resolve(made.result).then((result) => {
    made.result = result
    return result
  })
}

const documents = new WeakMap<DocumentNode, number>()
let count = 0

/**
 * What a result depends on beside its event: the selection, with the values of its variables, the rights of the
 * viewer, and the languages they read. Who the viewer is it does not, nor where they subscribed from or to
 * which events: those are the arguments of the subscription's own field.
 */
function keyOf(
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: object,
  { viewer, locales }: Context,
): string {
  const number = documents.get(document) ?? ++count
  documents.set(document, number)
  const rights = isSignedIn(viewer) && [viewer.organizationId, viewer.role, viewer.scopes, viewer.target]
  const names = variablesBelow(document, getOperationAST(document, operationName))
  const values = names.map((name) => [name, (variables as Record<string, unknown>)[name]])
  return JSON.stringify([number, operationName, rights, locales, values])
}

/** The variables that stand anywhere but in the arguments of the subscription's own field. */
function variablesBelow(
  document: DocumentNode,
  operation: OperationDefinitionNode | null | undefined,
): string[] {
  const own = new Set(
    operation?.selectionSet.selections.flatMap((root) =>
      root.kind === Kind.FIELD ? (root.arguments ?? []) : [],
    ),
  )
  const names = new Set<string>()
  visit(document, {
    VariableDefinition: () => false,
    Argument: (argument) => (own.has(argument) ? false : undefined),
    Variable: ({ name }) => void names.add(name.value),
  })
  return [...names]
}

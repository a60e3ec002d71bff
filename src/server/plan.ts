import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getVariableValues,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Context } from '#schema/context.ts'
import { type Complete, type PlannedField, Run, type Target, Unplanned, unplanned } from './run.ts'

const plans = new WeakMap<OperationDefinitionNode, Plan | undefined>()

/**
 * An operation as it will be run, worked out once for each document: which fields each type is asked for, and
 * how what they resolve to is completed. graphql-js finds that out anew for every object, and makes promises of
 * whatever holds one. A plan knows only how to succeed. It gives up where the answer would tell of an error,
 * and where anything stands in the document that it has not learned (directives, several mutations): then
 * graphql-js runs the operation from its start, as it may: a query changes nothing, and the context knows what
 * the mutation has come to, if it has begun (`outcomes`).
 */
export class Plan {
  readonly #schema: GraphQLSchema
  readonly #operation: OperationDefinitionNode
  readonly #fragments: Record<string, FragmentDefinitionNode> = Object.create(null)
  readonly #root: PlannedField[]
  #fields = 0

  private constructor(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
    const root = schema.getRootType(operation.operation)
    if (!root || operation.directives?.length) throw new Unplanned()
    this.#schema = schema
    this.#operation = operation
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments[definition.name.value] = definition
    }
    this.#root = this.#fieldsOf(root, [operation.selectionSet])
    // Several are done one after the other.
    if (operation.operation === 'mutation' && this.#root.length > 1) throw new Unplanned()
  }

  /** The plan of a query or a mutation in a valid document; undefined where it takes graphql-js. */
  static of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode | null | undefined,
  ) {
    if (!operation || operation.operation === 'subscription') return undefined
    if (!plans.has(operation)) plans.set(operation, Plan.#made(schema, document, operation))
    return plans.get(operation)
  }

  static #made(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
    try {
      return new Plan(schema, document, operation)
    } catch (error) {
      if (error instanceof Unplanned) return undefined
      throw error
    }
  }

  /** The data; undefined where it takes graphql-js. Rejects with the reason of the signal once that is aborted. */
  async run(
    variables: Readonly<Record<string, unknown>> | null | undefined,
    context: Context,
    signal: AbortSignal,
  ): Promise<Target | undefined> {
    const definitions = this.#operation.variableDefinitions ?? []
    const { variableValues } = getVariableValues(this.#schema, definitions, variables ?? {})
    if (!variableValues) return undefined
    const run = new Run(context, variableValues, signal)
    try {
      return await run.start(this.#root)
    } catch {
      signal.throwIfAborted()
      return undefined
    }
  }

  #fieldsOf(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): PlannedField[] {
    const grouped = new Map<string, FieldNode[]>()
    for (const set of sets) this.#collect(type, set, grouped, new Set())
    return [...grouped].map(([key, nodes]) => this.#field(type, key, nodes))
  }

  #collect(
    type: GraphQLObjectType,
    { selections }: SelectionSetNode,
    grouped: Map<string, FieldNode[]>,
    spread: Set<string>,
  ) {
    for (const selection of selections) {
      if (selection.directives?.length) throw new Unplanned()
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value
        const nodes = grouped.get(key)
        if (nodes) nodes.push(selection)
        else grouped.set(key, [selection])
        continue
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        if (spread.has(selection.name.value)) continue
        spread.add(selection.name.value)
      }
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments[selection.name.value] : selection
      if (!fragment || fragment.directives?.length) throw new Unplanned()
      if (this.#applies(fragment.typeCondition?.name.value, type)) {
        this.#collect(type, fragment.selectionSet, grouped, spread)
      }
    }
  }

  #applies(condition: string | undefined, type: GraphQLObjectType) {
    if (condition === undefined || condition === type.name) return true
    const named = this.#schema.getType(condition)
    return isAbstractType(named) && this.#schema.isSubType(named, type)
  }

  #field(parent: GraphQLObjectType, key: string, nodes: FieldNode[]): PlannedField {
    const [node] = nodes
    const definition = node && this.#schema.getField(parent, node.name.value)
    // It would set the prototype of the object that answers.
    if (!definition || key === '__proto__') throw new Unplanned()
    const info = {
      fieldName: definition.name,
      fieldNodes: nodes,
      returnType: definition.type,
      parentType: parent,
      schema: this.#schema,
      fragments: this.#fragments,
      operation: this.#operation,
      // The true one of a field of the root; nobody asks for the others'.
      path: { prev: undefined, key, typename: parent.name },
    } as unknown as GraphQLResolveInfo
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
    const complete = this.#completer(definition.type, sets, info)
    return { key, definition, node, index: this.#fields++, info, complete }
  }

  #completer(type: GraphQLOutputType, sets: SelectionSetNode[], info: GraphQLResolveInfo): Complete {
    if (isNonNullType(type)) {
      const complete = this.#completer(type.ofType, sets, info)
      return (run, value) => complete(run, value) ?? unplanned()
    }
    const complete = this.#present(type, sets, info)
    return (run, value) => {
      if (value == null) return null
      return value instanceof Error ? unplanned() : complete(run, value)
    }
  }

  /** How a value that is there is completed. */
  #present(type: GraphQLOutputType, sets: SelectionSetNode[], info: GraphQLResolveInfo): Complete {
    if (isListType(type)) {
      const item = this.#completer(type.ofType, sets, info)
      return (run, value) => {
        if (!Array.isArray(value)) return unplanned()
        const target: unknown[] = new Array(value.length)
        for (let index = 0; index < value.length; index++) {
          run.put(target as never, index, value[index], item)
        }
        return target
      }
    }
    if (isLeafType(type)) return (_, value) => type.coerceOutputValue(value as never) ?? unplanned()
    if (isObjectType(type)) {
      const fields = this.#fieldsOf(type, sets)
      return (run, value) => {
        const { isTypeOf } = type
        if (isTypeOf && isTypeOf(value, run.context, info) !== true) return unplanned()
        return run.execute(fields, value)
      }
    }
    if (!isAbstractType(type)) return unplanned
    const planned = new Map<GraphQLObjectType, PlannedField[]>()
    return (run, value) => {
      const name = type.resolveType?.(value, run.context, info, type)
      const found = typeof name === 'string' ? this.#schema.getType(name) : undefined
      if (!isObjectType(found) || !this.#schema.isSubType(type, found)) return unplanned()
      const { isTypeOf } = found
      if (isTypeOf && isTypeOf(value, run.context, info) !== true) return unplanned()
      const fields = planned.get(found) ?? this.#fieldsOf(found, sets)
      planned.set(found, fields)
      return run.execute(fields, value)
    }
  }
}

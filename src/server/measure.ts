import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { type Cost, capped, costOfField, plus } from './cost.ts'

/** Selections are not looked at below this: enough to refuse them, and the stack holds. */
export const DEEPEST_NESTING = 100

const SUMS = [
  'fields',
  'rootFields',
  'aliases',
  'directives',
  'acceptInvite',
  'acceptGuestInvitation',
] as const
const MAXIMA = ['depth', 'nesting', 'directivesAtOnce'] as const

/**
 * What an operation, or a part of one, comes to once its fragments are spread in: `rootFields` are not below
 * others, `depth` counts fields, `nesting` every selection set, `directivesAtOnce` those of one place.
 */
export type Measure = Record<(typeof SUMS)[number] | (typeof MAXIMA)[number], number> & { cost: Cost }

type Measures = ReadonlyMap<OperationDefinitionNode | FragmentDefinitionNode, Measure>

const measured = new WeakMap<DocumentNode, Measures>()

/** What each operation of the document comes to, and after them each fragment: all measured once. */
export function measuresOf(schema: GraphQLSchema, document: DocumentNode): Measures {
  let measures = measured.get(document)
  if (!measures) {
    measures = new Measuring(schema, document).run()
    measured.set(document, measures)
  }
  return measures
}

class Measuring {
  readonly #schema: GraphQLSchema
  readonly #document: DocumentNode
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  readonly #known = new Map<FragmentDefinitionNode, Measure>()

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.#schema = schema
    this.#document = document
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) {
        this.#fragments.set(definition.name.value, definition)
      }
    }
  }

  run(): Measures {
    const measures = new Map<OperationDefinitionNode | FragmentDefinitionNode, Measure>()
    for (const operation of this.#document.definitions) {
      if (operation.kind !== Kind.OPERATION_DEFINITION) continue
      const root = this.#schema.getRootType(operation.operation) ?? undefined
      const directives = [operation, ...(operation.variableDefinitions ?? [])].map(directivesOf)
      measures.set(operation, sum([...directives, this.#selections(operation.selectionSet, root, 1)]))
    }
    for (const fragment of this.#document.definitions) {
      if (fragment.kind === Kind.FRAGMENT_DEFINITION) measures.set(fragment, this.#fragment(fragment, 0))
    }
    return measures
  }

  #selections(set: SelectionSetNode, parent: GraphQLCompositeType | undefined, level: number): Measure {
    const selections = level > DEEPEST_NESTING ? [] : set.selections
    const parts = selections.map((selection) => this.#selection(selection, parent, level))
    const measure = sum([...parts, ...selections.map(directivesOf)])
    return { ...measure, nesting: measure.nesting + 1 }
  }

  #selection(selection: SelectionNode, parent: GraphQLCompositeType | undefined, level: number): Measure {
    if (selection.kind === Kind.FIELD) return this.#field(selection, parent, level)
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      return this.#fragment(this.#fragments.get(selection.name.value), level)
    }
    const { typeCondition, selectionSet } = selection
    return this.#selections(selectionSet, typeCondition ? this.#typeOf(typeCondition) : parent, level + 1)
  }

  #field(field: FieldNode, parent: GraphQLCompositeType | undefined, level: number): Measure {
    const definition = parent && this.#schema.getField(parent, field.name.value)
    const type = definition && getNamedType(definition.type)
    const below = field.selectionSet
      ? this.#selections(field.selectionSet, isCompositeType(type) ? type : undefined, level + 1)
      : NOTHING
    const name = field.name.value
    return {
      ...below,
      depth: below.depth + 1,
      rootFields: 1,
      fields: below.fields + 1,
      aliases: below.aliases + (field.alias ? 1 : 0),
      acceptInvite: below.acceptInvite + (name === 'acceptInvite' ? 1 : 0),
      acceptGuestInvitation: below.acceptGuestInvitation + (name === 'acceptGuestInvitation' ? 1 : 0),
      cost: field.selectionSet ? costOfField(field, definition, below.cost) : 0,
    }
  }

  #fragment(fragment: FragmentDefinitionNode | undefined, level: number): Measure {
    if (!fragment) return NOTHING
    const known = this.#known.get(fragment)
    if (known) return known
    // While it is being measured: a cycle is another rule's to report.
    this.#known.set(fragment, NOTHING)
    const selections = this.#selections(
      fragment.selectionSet,
      this.#typeOf(fragment.typeCondition),
      level + 1,
    )
    const measure = sum([directivesOf(fragment), selections])
    this.#known.set(fragment, measure)
    return measure
  }

  #typeOf({ name }: NamedTypeNode): GraphQLCompositeType | undefined {
    const type = this.#schema.getType(name.value)
    return isCompositeType(type) ? type : undefined
  }
}

const NOTHING = sum([])

const directivesOf = (place: { directives?: readonly unknown[] | undefined }) => {
  const count = place.directives?.length ?? 0
  return { ...NOTHING, directives: count, directivesAtOnce: count }
}

function sum(parts: readonly Measure[]): Measure {
  const total = { cost: plus(parts.map(({ cost }) => cost)) } as Measure
  for (const name of SUMS) total[name] = capped(parts.reduce((so, part) => so + part[name], 0))
  for (const name of MAXIMA) total[name] = parts.reduce((most, part) => Math.max(most, part[name]), 0)
  return total
}

import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredArgument,
  isUnionType,
} from 'graphql'
import type { Random } from './random.ts'
import type { Values } from './values.ts'

/** What a client sends. */
export interface Operation {
  kind: 'query' | 'mutation' | 'subscription'
  query: string
  variables: Record<string, unknown>
}

/** Makes operations that fit the schema, and values that mostly do. */
export class Documents {
  readonly #schema: GraphQLSchema
  readonly #random: Random
  readonly #values: Values
  #variables: Record<string, unknown> = {}
  #declared: string[] = []
  #fragments: string[] = []
  #fieldsLeft = 0

  constructor(schema: GraphQLSchema, random: Random, values: Values) {
    this.#schema = schema
    this.#random = random
    this.#values = values
  }

  operation(
    kinds: readonly Operation['kind'][] = ['query', 'query', 'query', 'mutation', 'mutation'],
  ): Operation {
    const kind = this.#random.pick(kinds)
    const root = this.#schema.getRootType(kind as never)
    this.#variables = {}
    this.#declared = []
    this.#fragments = []
    this.#fieldsLeft = 5 + this.#random.below(60)
    const depth = 2 + this.#random.below(7)
    const width = kind === 'subscription' ? 1 : 1 + this.#random.below(3)
    const fields = Object.values(root?.getFields() ?? {})
    const introspective = kind === 'query' && this.#random.chance(0.03) ? this.#introspection() : ''
    const selections = Array.from({ length: width }, (_, index) => {
      const field = this.#field(this.#random.pick(fields), depth)
      return width > 1 ? `r${index}: ${field}` : field
    })
    const declared = this.#declared.length > 0 ? `(${this.#declared.join(', ')})` : ''
    const body = `${kind} Fuzz${declared} { ${selections.join(' ')} ${introspective} }`
    return { kind, query: [body, ...this.#fragments].join('\n'), variables: this.#variables }
  }

  #selections(type: GraphQLCompositeType, depth: number): string {
    const random = this.#random
    const parts = random.chance(0.3) || isUnionType(type) ? ['__typename'] : []
    const fields = isUnionType(type) ? [] : Object.values(type.getFields())
    for (const field of fields) {
      const leaf = !isCompositeType(getNamedType(field.type))
      if (this.#fieldsLeft <= 0 || (!leaf && depth <= 0) || random.chance(leaf ? 0.4 : 0.6)) continue
      this.#fieldsLeft--
      const skipped = random.chance(0.03)
        ? random.pick([' @skip(if: false)', ' @include(if: true)', ' @skip(if: true)'])
        : ''
      const written = this.#field(field, depth - 1)
      const aliased =
        field.args.length > 0 || random.chance(0.05) ? `f${this.#fieldsLeft}: ${written}` : written
      parts.push(skipped && !written.includes('{') ? aliased + skipped : aliased)
    }
    if (isAbstractType(type)) {
      for (const member of this.#schema.getPossibleTypes(type)) {
        if (depth > 0 && random.chance(0.6))
          parts.push(`... on ${member.name} { ${this.#selections(member, depth - 1)} }`)
      }
    }
    if (parts.length === 0) parts.push('__typename')
    if (random.chance(0.05)) return this.#asFragment(type, parts.join(' '))
    return parts.join(' ')
  }

  #asFragment(type: GraphQLCompositeType, selections: string): string {
    const name = `F${this.#fragments.length}`
    this.#fragments.push(`fragment ${name} on ${type.name} { ${selections} }`)
    return `...${name}`
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const args = field.args
      .filter((argument) => this.#random.chance(isRequiredArgument(argument) ? 0.995 : 0.3))
      .map((argument) => `${argument.name}: ${this.#argument(argument)}`)
    const type = getNamedType(field.type)
    const below = isCompositeType(type) ? ` { ${this.#selections(type, depth)} }` : ''
    return `${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${below}`
  }

  #argument({ type, name }: GraphQLArgument): string {
    const value = this.#values.of(type, name)
    if (!this.#random.chance(0.5)) return literal(value, type)
    const variable = `v${this.#declared.length}`
    this.#declared.push(`$${variable}: ${type}`)
    this.#variables[variable] = value
    return `$${variable}`
  }

  #introspection = () =>
    this.#random.pick([
      '__schema { types { name kind fields(includeDeprecated: true) { name type { name ofType { name } } } } }',
      '__type(name: "Invite") { name description interfaces { name } possibleTypes { name } }',
      '__schema { directives { name args { name defaultValue } } queryType { name } }',
    ])
}

/** A value as it stands in a document. */
function literal(value: unknown, type: GraphQLInputType): string {
  const inner = getNullableType(type)
  if (Array.isArray(value)) {
    return `[${value.map((item) => literal(item, isListType(inner) ? inner.ofType : inner)).join(', ')}]`
  }
  if (typeof value === 'object' && value !== null) {
    const fields = isInputObjectType(inner) ? inner.getFields() : {}
    const written = Object.entries(value).map(
      ([name, item]) => `${name}: ${literal(item, fields[name]?.type ?? inner)}`,
    )
    return `{ ${written.join(', ')} }`
  }
  return isEnumType(inner) && typeof value === 'string' ? value : JSON.stringify(value)
}

import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { schema } from '#schema/schema.ts'

const fieldsOf = (type: GraphQLCompositeType): GraphQLField<unknown, unknown>[] =>
  'getFields' in type ? Object.values(type.getFields()) : []

/** What a type has that is no object; of a union or an interface, the texts of each type that it may be. */
function leaves(type: GraphQLCompositeType): string {
  if (!isObjectType(type)) {
    return `__typename ${schema
      .getPossibleTypes(type)
      .map((each) => `... on ${each} { ${textsIn(each)} }`)
      .join(' ')}`
  }
  return ['__typename', ...leafFields(type).map(({ name }) => name)].join(' ')
}

const leafFields = (type: GraphQLObjectType) =>
  fieldsOf(type).filter((field) => isLeafType(getNamedType(field.type)) && isFree(field))

/** Each by a name of its own: fields of one name may be of different types. */
const textsIn = (type: GraphQLObjectType) =>
  leafFields(type)
    .filter((field) => ['ID', 'String', 'EmailAddress', 'JSON'].includes(getNamedType(field.type).name))
    .map(({ name }) => `${type}_${name}: ${name}`)
    .concat('__typename')
    .join(' ')

const isFree = (field: GraphQLField<unknown, unknown>) => !field.args.some(isRequiredArgument)

/** What is asked of a field that leads to objects; the items of a list stand for the list. */
function unfold(type: GraphQLCompositeType, inner: (of: GraphQLCompositeType) => string[]): string[] {
  const fields = 'getFields' in type ? type.getFields() : {}
  const edge = getNamedType(fields.edges?.type)
  if (!isObjectType(edge)) return inner(type)
  const node = getNamedType(edge.getFields().node?.type)
  if (!isCompositeType(node)) return inner(type)
  const position = 'pageInfo { startCursor endCursor }'
  return inner(node).map((selection) => `edges { cursor node { ${selection} } } ${position}`)
}

/**
 * Every way of so many steps from a type, each a selection of its own: what is refused on one way must not
 * hide what is told on another.
 */
export function waysFrom(type: GraphQLCompositeType, steps: number): string[] {
  if (steps === 0 || !isObjectType(type)) return [leaves(type)]
  const ways = fieldsOf(type)
    .filter((field) => isCompositeType(getNamedType(field.type)) && isFree(field))
    .flatMap((field) =>
      unfold(getNamedType(field.type) as GraphQLCompositeType, (of) => waysFrom(of, steps - 1)).map(
        (selection) => `${field.name} { ${selection} }`,
      ),
    )
  return [leaves(type), ...ways]
}

/** Each optional or required argument that takes text, of any list or look-up of a type, with its value as `$value`. */
export function questionsOf(
  type: GraphQLObjectType,
): { name: string; valueType: string; selection: string }[] {
  return fieldsOf(type).flatMap((field) =>
    field.args.flatMap((arg) =>
      textsOf(getNamedType(arg.type).name, arg.name).map(([value, valueType]) => {
        const required = field.args
          .filter((other) => isRequiredArgument(other) && other !== arg)
          .map((other) => `${other.name}: "x"`)
        const args = [value, ...required].join(', ')
        const named = getNamedType(field.type)
        const selection = isCompositeType(named) ? `{ ${unfold(named, (of) => waysFrom(of, 0))[0]} }` : ''
        return {
          name: `${type}.${field.name}(${arg.name})`,
          valueType,
          selection: `${field.name}(${args}) ${selection}`,
        }
      }),
    ),
  )
}

/** How a value of a text stands in the argument of this type; nothing where the type takes no text. */
function textsOf(type: string, name: string): [string, string][] {
  if (type === 'ID' || type === 'String') {
    const isList = name.endsWith('Ids') || name === 'ids'
    return [[`${name}: ${isList ? '[$value]' : '$value'}`, `${type}!`]]
  }
  const input = schema.getType(type)
  if (!isInputObjectType(input)) return []
  return Object.values(input.getFields())
    .filter((field) => ['ID', 'String'].includes(getNamedType(field.type).name))
    .map((field) => {
      const value = isListType(getNullableType(field.type)) ? '[$value]' : '$value'
      return [`${name}: { ${field.name}: ${value} }`, `${getNamedType(field.type).name}!`]
    })
}

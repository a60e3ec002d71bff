import {
  type FieldNode,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import type { Context } from './context.ts'

/**
 * How a type's fields say which columns of its rows they read, so that lists need not read the others: the
 * compiler holds each to what it says. A field that exposes a column has said so; of one that says nothing,
 * every column is read.
 */
export const readsOf =
  <Row>() =>
  <Column extends keyof Row, Args, Result>(
    columns: readonly Column[],
    resolve: (row: Pick<Row, Column>, args: Args, context: Context, info: GraphQLResolveInfo) => Result,
  ) => ({ extensions: { columns }, resolve })

/** By the fields that ask for a list: a plan's are the same at each run. */
const known = new WeakMap<readonly FieldNode[], readonly string[] | null>()

/** The columns that are read of a connection's items; null for all. */
export function columnsAsked(info: GraphQLResolveInfo): readonly string[] | null {
  const columns = known.get(info.fieldNodes)
  if (columns !== undefined) return columns
  const found = columnsIn(info)
  known.set(info.fieldNodes, found)
  return found
}

function columnsIn({ fieldNodes, returnType, schema, fragments }: GraphQLResolveInfo) {
  const connection = getNamedType(returnType)
  const edge = isObjectType(connection) && getNamedType(connection.getFields().edges?.type)
  const item = isObjectType(edge) && getNamedType(edge.getFields().node?.type)
  if (!isObjectType(item)) return null

  /** The fields of all these selections, whatever type they are asked of. */
  function* fieldsIn(sets: Iterable<SelectionSetNode | undefined>): Generator<FieldNode> {
    for (const set of sets) {
      for (const selection of set?.selections ?? []) {
        if (selection.kind === Kind.FIELD) yield selection
        else if (selection.kind === Kind.INLINE_FRAGMENT) yield* fieldsIn([selection.selectionSet])
        else yield* fieldsIn([fragments[selection.name.value]?.selectionSet])
      }
    }
  }
  const below = (fields: Iterable<FieldNode>, name: string) =>
    [...fields].filter((field) => field.name.value === name).map(({ selectionSet }) => selectionSet)

  const edges = below(fieldsIn(fieldNodes.map(({ selectionSet }) => selectionSet)), 'edges')
  const columns = new Set(['id'])
  for (const { name } of fieldsIn(below(fieldsIn(edges), 'node'))) {
    const field = schema.getField(item, name.value)
    const { columns: read, pothosExposedField: exposed } = field?.extensions ?? {}
    if (read) for (const column of read as string[]) columns.add(column)
    else if (exposed) columns.add(String(exposed))
    else if (name.value !== 'id' && name.value !== '__typename') return null
  }
  return [...columns].sort()
}

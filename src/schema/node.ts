import { Refusal } from '#domain/errors.ts'
import { type IdType, prefixOf, typeOfId } from '#domain/ids.ts'
import { findByIds, type Lookup } from '#domain/lookup.ts'
import { builder } from './builder.ts'
import { readsOf } from './columns.ts'
import type { Context } from './context.ts'
import { contextLoader } from './loader.ts'

export const Node = builder.nodeInterfaceRef()

type Find<Row> = (ids: readonly string[], context: Context) => Promise<(Row | null)[]>

/** A type whose things are found by their ids, as far as the viewer may see them; null for all others. */
export function nodeRef<Row extends { id: string }>(name: string, find: Find<Row>) {
  const loader = contextLoader(find)
  const ref = builder.nodeRef<Row, string>(name, {
    id: { resolve: ({ id }) => id },
    loadWithoutCache: (id, context) => loader(context).load(id),
  })
  return Object.assign(ref, { loader, reads: readsOf<Row>() })
}

/** How a node type's rows are found in their table. */
export const rowsOf =
  <Row extends { id: string }>(table: Lookup): Find<Row> =>
  (ids, { store, viewer }) =>
    findByIds(store, viewer, table, ids)

/** The id, refused where it is not one of the type. */
export function checkedId(type: IdType, id: string): string {
  if (typeOfId(id) === type) return id
  throw new Refusal('BAD_USER_INPUT', `Expected the id of a thing of type ${type}: ${prefixOf(type)}_….`)
}

import { Refusal } from '#domain/errors.ts'
import { type IdType, prefixOf, typeOfId } from '#domain/ids.ts'
import { findByIds, type Lookup } from '#domain/lookup.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'

export const Node = builder.nodeInterfaceRef()

/** The `load` of a node type: its rows by their ids, as far as the viewer may see them. */
export const rowsOf =
  <Row extends { id: string }>(table: Lookup) =>
  (ids: string[], context: Context) =>
    findByIds<Row>(context.store, context.viewer, table, ids) as Promise<(Row | Error)[]>

/** The id, refused where it is not one of the type. */
export function checkedId(type: IdType, id: string): string {
  if (typeOfId(id) === type) return id
  throw new Refusal('BAD_USER_INPUT', `Expected the id of a thing of type ${type}: ${prefixOf(type)}_….`)
}

import { sql } from 'kysely'
import { written } from './prepared.ts'

// What each dialect says in its own way.

/** The ids as rows with a column `value`, in one parameter, whatever their number. */
export const idRows = (ids: readonly string[]) => sql`json_each(${written(ids, JSON.stringify)})`

/** The ids of an ordered subquery as a JSON list: it takes the rows as they come, without a sorter of its own. */
export const idList = sql`json_group_array(id)`

/** What a group's rows hold as JSON, by name, in one object: put together as text, without parsing it again. */
export const jsonObject = (name: string, json: string) =>
  sql`'{' || group_concat(json_quote(${sql.ref(name)}) || ':' || ${sql.ref(json)}) || '}'`

/** What a column's JSON list holds, as rows with a column `value`; none where it is null. */
export const listedRows = (column: string) => sql`json_each(${sql.ref(column)})`

/** Records of so many values each, as a select of that many columns, in one parameter. */
export function jsonRows(records: readonly (readonly (string | number | null)[])[], columns: number) {
  const values = Array.from({ length: columns }, (_, index) => sql`value ->> ${sql.lit(index)}`)
  return sql`select ${sql.join(values)} from json_each(${JSON.stringify(records)})`
}

/** Inserts rows that have the same columns, in one parameter: for many, much faster than one for each value. */
export function insertRows(table: string, rows: readonly object[]) {
  const columns = Object.keys(rows[0] ?? {})
  const values = columns.map((_, index) => sql`value ->> ${sql.lit(index)}`)
  const records = rows.map((row) => columns.map((column) => row[column as keyof typeof row]))
  return sql`insert into ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))})
    select ${sql.join(values)} from json_each(${JSON.stringify(records)})`
}

import type { CompiledQuery, Insertable, Kysely } from 'kysely'
import { SqliteAtHand } from './sqlite.ts'
import type { Tables } from './tables.ts'

/** What stands in a query for a value that is known only when it runs. */
class Placeholder {
  readonly name: string
  readonly #write: (value: unknown) => unknown

  constructor(name: string, write: (value: unknown) => unknown = (value) => value) {
    this.name = name
    this.#write = write
  }

  /** The same, written in another way. */
  as(write: (value: never) => unknown) {
    return new Placeholder(this.name, write as (value: unknown) => unknown)
  }

  valueIn(values: Record<string, unknown>) {
    return this.#write(values[this.name])
  }
}

type Names<Values> = <Name extends keyof Values & string>(name: Name) => Values[Name]

/** The rows; a promise of them where they do not come at once. */
export type Rows<Row> = Row[] | Promise<Row[]>

/**
 * A query that is built and compiled once for each database instead of at every call, which takes as long as
 * running a point lookup. `build` gets a placeholder for each value that it asks for by name.
 */
export function prepared<Values extends object, Row>(
  build: (db: Kysely<Tables>, value: Names<Values>) => { compile(db: Kysely<Tables>): CompiledQuery<Row> },
) {
  const compiled = new WeakMap<object, CompiledQuery<Row>>()
  return (db: Kysely<Tables>, values: Values): Rows<Row> => {
    const { adapter } = db.getExecutor()
    let query = compiled.get(adapter)
    if (!query) {
      query = build(db, (name) => new Placeholder(name) as never).compile(db)
      compiled.set(adapter, query)
    }
    const parameters = query.parameters.map((parameter) =>
      parameter instanceof Placeholder ? parameter.valueIn(values as Record<string, unknown>) : parameter,
    )
    return run(db, query, parameters)
  }
}

function run<Row>(db: Kysely<Tables>, query: CompiledQuery<Row>, parameters: unknown[]): Rows<Row> {
  const { adapter } = db.getExecutor()
  if (adapter instanceof SqliteAtHand && adapter.isFree(db)) return adapter.run(query, parameters)
  return db.executeQuery<Row>({ ...query, parameters }).then(({ rows }) => rows)
}

/** A value, or the placeholder of one, as a parameter that is written by this. */
export const written = <Value>(value: Value, write: (value: Value) => unknown): unknown =>
  value instanceof Placeholder ? value.as(write) : write(value)

const inserts = new WeakMap<object, Map<string, CompiledQuery>>()

/** Inserts one row, and answers with it; what a row with these columns takes is compiled once. */
export async function insertRow<Table extends keyof Tables, Row extends Insertable<Tables[Table]>>(
  db: Kysely<Tables>,
  table: Table,
  row: Row,
): Promise<Row> {
  const { adapter } = db.getExecutor()
  const known = inserts.get(adapter) ?? new Map<string, CompiledQuery>()
  inserts.set(adapter, known)
  const columns = Object.keys(row)
  const name = `${table} ${columns}`
  const query = known.get(name) ?? db.insertInto(table).values(row).compile()
  known.set(name, query)
  const values = columns.map((column) => row[column as keyof Row])
  await run(db, query, values)
  return row
}

import { getNamedType, isObjectType } from 'graphql'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { schema } from '#schema/schema.ts'
import { type TestApp, testApp } from '../kit/app.ts'
import { estate } from '../kit/estate.ts'

/** The lists of a type's things, with what can be asked of each. */
function listsOf(typename: string) {
  const type = schema.getType(typename)
  if (!isObjectType(type)) throw new Error(`No type ${typename}`)
  return Object.values(type.getFields()).flatMap((field) => {
    const connection = getNamedType(field.type)
    if (!isObjectType(connection) || !('edges' in connection.getFields())) return []
    const counts = 'totalCount' in connection.getFields() ? 'totalCount' : ''
    return [{ list: field.name, counts, args: field.args.map(({ name }) => name) }]
  })
}

/** The tables and indexes that the statement would read from end to end. */
async function scansOf(app: TestApp, statement: string): Promise<string[]> {
  const { rows } = await sql<{
    detail: string
  }>`explain query plan ${sql.raw(statement.replaceAll('?', 'null'))}`.execute(app.store.db)
  const { rows: tables } = await sql<{ name: string }>`
    select name from sqlite_master where type = 'table'`.execute(app.store.db)
  // By the name or the alias that the statement gives it.
  const aliases = tables.flatMap(({ name }) => [
    name,
    ...[...statement.matchAll(new RegExp(`"${name}" as "?(\\w+)"?`, 'g'))].map(([, alias = '']) => alias),
  ])
  return rows
    .map(({ detail }) => detail)
    .filter((detail) => aliases.includes(/^SCAN (\w+)/.exec(detail)?.[1] ?? ''))
}

test('no list reads a table from end to end, whichever page of it', async () => {
  const app = await testApp()
  const acme = await estate(app)
  const lists = Object.entries(acme.ids).flatMap(([typename, id]) =>
    listsOf(typename).map((list) => ({ typename, id, ...list })),
  )
  expect(lists.length).toBeGreaterThanOrEqual(20)
  const scans: Record<string, string[]> = {}
  for (const { typename, id, list, counts, args } of lists) {
    const ask = (page: string) =>
      acme.ask(
        `query ($id: ID!) { node(id: $id) { ... on ${typename} {
          ${list}(${page}) { ${counts} edges { cursor } pageInfo { hasNextPage } } } } }`,
        { id },
      )
    app.statements.length = 0
    const [edge] = (await ask('first: 1')).node[list].edges
    if (edge) await ask(`first: 1, after: "${edge.cursor}"`)
    if (edge && args.includes('before')) await ask(`last: 1, before: "${edge.cursor}"`)
    const reads = app.statements.filter((each) => /^\s*(with|select)/i.test(each))
    const found = (await Promise.all(reads.map((each) => scansOf(app, each)))).flat()
    if (found.length > 0) scans[`${typename}.${list}`] = [...new Set(found)]
  }
  expect(scans).toEqual({})
})

import { sql } from 'kysely'
import type { TestApp } from '../kit/app.ts'
import { dump } from '../kit/dump.ts'
import { type Estate, estate } from '../kit/estate.ts'

/** In every text that organizations show those whom they are connected with. */
const SHOWN = 'shown-zq7'
/** In every other text. */
const HIDDEN = 'hidden-zq7'

const TEXTS: [table: string, columns: string[], mark?: string][] = [
  ['organizations', ['name', 'name_key'], SHOWN],
  ['integrations', ['name', 'name_key'], SHOWN],
  ['portals', ['name', 'name_key'], SHOWN],
  ['guest_invitations', ['email', 'email_key'], SHOWN],
  ['invites', ['name', 'name_key']],
  ['access_grants', ['guest_name']],
  ['api_keys', ['name']],
  ['users', ['name', 'email']],
  ['member_invitations', ['name', 'email', 'tags']],
]
const SHOWN_TABLES = TEXTS.filter(([, , mark]) => mark === SHOWN).map(([table]) => table)

export interface Marked extends Estate {
  /** What may be known by connected organizations only. */
  shown: string[]
  /** What may be known by nobody else. */
  hidden: string[]
}

/** An estate of which every id and text can be told from those of everybody else. */
export async function markedEstate(app: TestApp, name: string): Promise<Marked> {
  const before = idsOf(await dump(app))
  const of = await estate(app, name)
  const isNew = (id: string) => !before.some(([, known]) => known === id)
  const made = idsOf(await dump(app)).filter(([, id]) => isNew(id))
  const isShown = ([table, id]: readonly [string, string]) =>
    SHOWN_TABLES.includes(table) && id !== of.partner.id && id !== of.stranger.id
  await app.store.write(async ({ db }) => {
    for (const [table, columns] of TEXTS) {
      for (const row of made.filter(([its]) => its === table)) {
        for (const column of columns) {
          const marked = sql`${isShown(row) ? SHOWN : HIDDEN} || coalesce(${sql.ref(column)}, '')`
          await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${marked} where id = ${row[1]}`.execute(
            db,
          )
        }
      }
    }
  })
  const cursors = (ids: string[]) =>
    ids.flatMap((id) => [id, Buffer.from(JSON.stringify([id])).toString('base64url')])
  const logCursor = Buffer.from(`${of.id}:`).toString('base64url').slice(0, -2)
  return {
    ...of,
    shown: [SHOWN, ...cursors(made.filter(isShown).map(([, id]) => id))],
    hidden: [HIDDEN, logCursor, ...cursors(made.filter((row) => !isShown(row)).map(([, id]) => id))],
  }
}

const idsOf = (tables: Record<string, object[]>) =>
  Object.entries(tables).flatMap(([table, rows]) =>
    rows.flatMap((row) => ('id' in row && typeof row.id === 'string' ? [[table, row.id] as const] : [])),
  )

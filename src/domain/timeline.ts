import { type RawBuilder, sql } from 'kysely'
import { jsonRows } from '#db/rows.ts'
import { refusalOf, type Viewer } from './access.ts'
import { Refusal } from './errors.ts'
import type { EventType, InvitationStatus } from './invitation.ts'
import { checkedSize, type Page, type PageArgs, partsOf } from './page.ts'
import type { Store } from './store.ts'

/** What the log tells of an invitation, and what only its mails and those who look at it do. */
export type TimelineType = EventType | 'MAIL_QUEUED' | 'MAIL_FAILED' | 'PREVIEWED'

export interface TimelineEntry extends Position {
  type: TimelineType
  actor_id: string | null
  /** What it became, where that changed. */
  status: InvitationStatus | null
  detail: string | null
}

/** Where an entry stands: by when it happened; at the same instant as the log has it, then the mails, then looks. */
interface Position {
  at: number
  source: number
  sequence: number
  mail_id: string
}

/** Whose timeline it is. */
export interface TimelineParent {
  id: string
  organization_id: string
  previewed_at: number | null
}

const EVENT = 0
const QUEUED = 1
const FAILED = 2
const PREVIEWED = 3

/**
 * One page of what happened to each invitation, oldest first, all in one statement, whatever their number;
 * an error for each whose events the viewer may not read.
 */
export async function timelinesOf(
  store: Store,
  viewer: Viewer,
  parents: readonly TimelineParent[],
  { first, after }: Pick<PageArgs, 'first' | 'after'>,
): Promise<(Page<TimelineEntry> | Error)[]> {
  const size = checkedSize(store.limits, 'first', first)
  const position = after == null ? undefined : positionOf(after)
  const refusals = parents.map(({ organization_id }) => refusalOf(viewer, 'event:read', organization_id))
  const readable = parents.filter((_, index) => !refusals[index])
  const rows = readable.length > 0 ? await entriesOf(store, readable, size + 1, position) : []
  const entries = Map.groupBy(rows, (row) => row.invitation_id)
  return parents.map(({ id }, index) => {
    const found = entries.get(id) ?? []
    return (
      refusals[index] ?? {
        rows: found.slice(0, size),
        hasNextPage: found.length > size,
        hasPreviousPage: position !== undefined,
      }
    )
  })
}

/** As many entries of each as are wanted, and perhaps more. Of the log, which may be long, no more are read. */
async function entriesOf(
  { db }: Store,
  parents: readonly TimelineParent[],
  limit: number,
  position: Position | undefined,
) {
  const records = parents.map((parent) => [parent.id, parent.organization_id, parent.previewed_at])
  const beyond = (at: RawBuilder<unknown>, source: number, sequence = sql`0`, mail = sql`''`) =>
    position
      ? sql`${at} >= ${position.at} and (${at}, ${sql.lit(source)}, ${sequence}, ${mail})
          > (${position.at}, ${position.source}, ${position.sequence}, ${position.mail_id})`
      : sql`1 = 1`
  const mails = (
    at: RawBuilder<unknown>,
    source: number,
    type: TimelineType,
    detail: RawBuilder<unknown>,
  ) => sql`
    select parent.id, ${at}, ${sql.lit(source)}, 0, mails.id, ${type}, actor_id, null, ${detail}
    from parent cross join mails on mails.invitation_id = parent.id
    where ${at} is not null and ${beyond(at, source, sql`0`, sql`mails.id`)}`
  // One that was taken after all, late, has not failed.
  const givenUpAt = sql`case when mails.state = 'FAILED' then mails.failed_at end`
  const { rows } = await sql<TimelineEntry & { invitation_id: string }>`
    with parent (id, organization_id, previewed_at) as (${jsonRows(records, 3)})
    select parent.id as invitation_id, occurred_at as at, ${sql.lit(EVENT)} as source, sequence,
      '' as mail_id, type, actor_id,
      case when status = previous_status then null else status end as status, null as detail
    from parent cross join invitation_events as event
    where event.organization_id = parent.organization_id and sequence in (
      select sequence from invitation_events
      where invitation_id = parent.id and ${beyond(sql`occurred_at`, EVENT, sql`sequence`)}
      order by occurred_at, sequence
      limit ${limit}
    )
    union all ${mails(sql`mails.created_at`, QUEUED, 'MAIL_QUEUED', sql`null`)}
    union all ${mails(givenUpAt, FAILED, 'MAIL_FAILED', sql`last_error`)}
    union all
    select id, previewed_at, ${sql.lit(PREVIEWED)}, 0, '', 'PREVIEWED', null, null, null from parent
    where previewed_at is not null and ${beyond(sql`previewed_at`, PREVIEWED)}
    order by at, source, sequence, mail_id`.execute(db)
  return rows
}

/** Where an entry stands in its timeline, as clients keep it. */
export const timelineCursor = ({ at, source, sequence, mail_id }: TimelineEntry) =>
  Buffer.from(JSON.stringify([at, source, sequence, mail_id])).toString('base64url')

function positionOf(cursor: string): Position {
  const [at, source, sequence, mail_id] = partsOf(cursor)
  const areNumbers = [at, source, sequence].every(Number.isSafeInteger)
  if (!areNumbers || typeof mail_id !== 'string') {
    throw new Refusal('BAD_USER_INPUT', '`after` is not a cursor of a timeline.')
  }
  return { at, source, sequence, mail_id } as Position
}

import type { Kysely } from 'kysely'
import { insertRow, prepared } from '#db/prepared.ts'
import type { InvitationEvent, Organization, Tables } from '#db/tables.ts'
import { authorize, type Viewer } from './access.ts'
import { Refusal } from './errors.ts'
import type { EventType, InvitationStatus } from './invitation.ts'
import { checkedSize, type PageArgs } from './page.ts'
import type { Store, Tx } from './store.ts'

export interface NewEvent {
  readonly organizationId: string
  readonly invitationId: string
  readonly type: EventType
  readonly status: InvitationStatus
  readonly previousStatus: InvitationStatus | null
  /** When it happened, where that is not the transaction's own instant. */
  readonly occurredAt?: number
  /** Who did it, where that is not who the transaction is for; null where nobody did. */
  readonly actorId?: string | null
}

/**
 * Numbers the events and writes them. The organization's counter is taken here, as the last thing before
 * the commit: so numbers have no gap, are in the order of commit, and writers hold the counter briefly.
 */
export async function appendEvents(tx: Tx, events: NewEvent[]) {
  // In one order everywhere, so that transactions over several organizations cannot deadlock.
  const organizationIds = [...new Set(events.map((event) => event.organizationId))].sort()
  for (const organizationId of organizationIds) {
    const own = events.filter((event) => event.organizationId === organizationId)
    const [taken] = await takeNumbers(tx.db, { organizationId, count: own.length })
    if (!taken) throw new Error(`There is no organization ${organizationId}.`)
    const { last_sequence } = taken
    const rows = own.map((event, index) => ({
      organization_id: organizationId,
      sequence: last_sequence - own.length + index + 1,
      type: event.type,
      invitation_id: event.invitationId,
      status: event.status,
      previous_status: event.previousStatus,
      occurred_at: event.occurredAt ?? tx.now,
      // What has an instant of its own was caused by time.
      actor_id: event.occurredAt === undefined ? actorOf(event, tx) : null,
    }))
    for (const row of rows) await insertRow(tx.db, 'invitation_events', row)
  }
}

const actorOf = ({ actorId }: NewEvent, tx: Tx) => (actorId === undefined ? tx.actorId : actorId)
const takeNumbers = prepared<{ organizationId: string; count: number }, Pick<Organization, 'last_sequence'>>(
  (db, value) =>
    db
      .updateTable('organizations')
      .set((eb) => ({ last_sequence: eb('last_sequence', '+', value('count')) }))
      .where('id', '=', value('organizationId'))
      .returning('last_sequence'),
)

/** The next events after a position, oldest first. */
export const readLog = (db: Kysely<Tables>, organizationId: string, after: number, limit: number) =>
  db
    .selectFrom('invitation_events')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(limit)
    .execute()

/** Where an event stands in its organization's log, as clients keep it. */
export const cursorOf = (event: Pick<InvitationEvent, 'organization_id' | 'sequence'>) =>
  Buffer.from(`${event.organization_id}:${event.sequence}`).toString('base64url')

/**
 * The position that a cursor names. Refuses one that is not of this log, and one that the log cannot
 * continue from, ahead of its head or before its oldest event, instead of answering with silence.
 */
export async function positionOf(store: Store, organizationId: string, cursor: string): Promise<number> {
  const [, owner, digits] = /^(.+):(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (owner !== organizationId) {
    throw new Refusal('BAD_USER_INPUT', "`after` is not a cursor of this organization's event log.")
  }
  const sequence = Number(digits)
  const { head, oldest } = await extentOf(store, organizationId)
  if (sequence > head || sequence < oldest - 1) {
    throw new Refusal(
      'CURSOR_OUT_OF_RANGE',
      'The log cannot continue from this cursor. Load the current state, then go on from `head`.',
      {
        head: cursorOf({ organization_id: organizationId, sequence: head }),
        oldest: cursorOf({ organization_id: organizationId, sequence: oldest - 1 }),
      },
    )
  }
  return sequence
}

async function extentOf(store: Store, organizationId: string) {
  const row = await store.db
    .selectFrom('organizations')
    .select((eb) => [
      'last_sequence as head',
      eb
        .selectFrom('invitation_events')
        .select((inner) => inner.fn.min('sequence').as('oldest'))
        .where('organization_id', '=', organizationId)
        .as('oldest'),
    ])
    .where('id', '=', organizationId)
    .executeTakeFirst()
  const head = row?.head ?? 0
  return { head, oldest: row?.oldest ?? head + 1 }
}

/** One page of an organization's log, for those who poll: forward only, `after` is any event's cursor. */
export async function eventPage(
  store: Store,
  viewer: Viewer,
  organizationId: string,
  args: Pick<PageArgs, 'first' | 'after'>,
) {
  authorize(viewer, 'event:read', organizationId)
  const size = checkedSize(store.limits, 'first', args.first)
  const after = args.after == null ? 0 : await positionOf(store, organizationId, args.after)
  const rows = await readLog(store.db, organizationId, after, size + 1)
  return { rows: rows.slice(0, size), hasNextPage: rows.length > size, hasPreviousPage: after > 0 }
}

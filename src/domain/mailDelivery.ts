import { sql } from 'kysely'
import { idRows } from '#db/rows.ts'
import type { Mail } from '#db/tables.ts'
import { mailedInvitation } from './mailedInvitation.ts'
import { draftOf, type Letter, letterOf } from './outbox.ts'
import type { Store } from './store.ts'

export type MailState = 'QUEUED' | 'SENT' | 'FAILED'

/** The latest mail of each of these invitations, in their order; null where none was to be sent. */
export async function latestMails({ db }: Store, invitationIds: readonly string[]): Promise<(Mail | null)[]> {
  const { rows } = await sql<Mail>`
    select * from mails where id in (
      select max(id) from mails where invitation_id in (select value from ${idRows(invitationIds)})
      group by invitation_id
    )`.execute(db)
  const found = new Map(rows.map((row) => [row.invitation_id, row]))
  return invitationIds.map((id) => found.get(id) ?? null)
}

/** A mail that waits. */
export interface Waiting {
  draft: Letter
  queuedAt: number
}

/** The newest mails that wait, of all organizations: for a developer without a mail server. */
export const waitingMails = (store: Store, count: number): Promise<Waiting[]> =>
  store.write(async (tx) => {
    const mails = await tx.db
      .selectFrom('mails')
      .selectAll()
      .where('state', '=', 'QUEUED')
      .orderBy('id', 'desc')
      .limit(count)
      .execute()
    const waiting: Waiting[] = []
    for (const mail of mails) {
      // A courier would give these up.
      if (await (await mailedInvitation(tx, mail))?.closed()) continue
      waiting.push({ draft: await draftOf(tx, mail), queuedAt: mail.created_at })
    }
    return waiting
  })

/** One of them as it would be sent now, with a new link each time; undefined if it does not wait. */
export const waitingLetter = (store: Store, id: string): Promise<Letter | undefined> =>
  store.write(async (tx) => {
    const mail = await tx.db
      .selectFrom('mails')
      .selectAll()
      .where('id', '=', id)
      .where('state', '=', 'QUEUED')
      .executeTakeFirst()
    if (!mail || (await (await mailedInvitation(tx, mail))?.closed())) return undefined
    return letterOf(tx, mail)
  })

import type { Mail } from '#db/tables.ts'
import { InvitationClosedError } from './errors.ts'
import type { MailTemplate } from './mail.ts'
import { mailedInvitation } from './mailedInvitation.ts'
import type { Store, Tx } from './store.ts'

/** How long who has taken a mail may take to send it: then they are taken to have died, and others take it. */
const LEASE_MS = 60_000
const FIRST_RETRY_MS = 30_000
const LONGEST_RETRY_MS = 4 * 3_600_000
/** With the waits between them, about a day. */
export const MAX_ATTEMPTS = 15
const HOUR_MS = 3_600_000

/** A mail as it is to be written now. */
export interface Letter {
  id: string
  /** Which attempt this is, the first being 1: those that nobody lived to see the end of do not count. */
  attempt: number
  /** When it was taken to be sent. */
  claimedAt: number | null
  template: MailTemplate
  locale: string | null
  email: string
  organization: string
  /** Whoever it is sent for, where they have a name. */
  inviter: string | null
  /** Whom it is sent to, where that is known. */
  name: string | null
  message: string | null
  expiresAt: number | null
  /** The secret of its link; null where it is about no invitation. */
  token: string | null
}

/** When the next mail is to be sent; undefined while none waits. */
export async function nextMailDue({ db }: Pick<Store, 'db'>): Promise<number | undefined> {
  const next = await db
    .selectFrom('mails')
    .select('due_at')
    .where('due_at', 'is not', null)
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst()
  return next?.due_at ?? undefined
}

/**
 * Takes up to so many mails that are due, for a while in which nobody else takes them. What became
 * pointless meanwhile is given up instead, and what would be too much for its recipient waits.
 */
export function takeMails(store: Store, count: number): Promise<Letter[]> {
  return store.write(async (tx) => {
    const due = await tx.db
      .selectFrom('mails')
      .selectAll()
      .where('due_at', '<=', tx.now)
      .orderBy('due_at')
      .orderBy('id')
      .limit(count)
      .execute()
    const letters: Letter[] = []
    for (const mail of due) {
      const letter = await take(tx, mail)
      if (letter) letters.push(letter)
    }
    return letters
  })
}

async function take(tx: Tx, mail: Mail): Promise<Letter | undefined> {
  const closed = await (await mailedInvitation(tx, mail))?.closed()
  if (closed) {
    await change(tx, mail, givenUp(`Not sent. ${new InvitationClosedError(closed).message}`, tx.now))
    return undefined
  }
  const roomAt = await roomFor(tx, mail)
  if (roomAt > tx.now) {
    await change(tx, mail, { due_at: roomAt, claimed_at: null })
    return undefined
  }
  const claimed = await change(tx, mail, { claimed_at: tx.now, due_at: tx.now + LEASE_MS })
  return claimed && letterOf(tx, claimed)
}

/** The change of a mail, unless somebody else has taken or changed it: then undefined. */
const change = (tx: Tx, mail: Pick<Mail, 'id' | 'due_at'>, values: Partial<Mail>) =>
  tx.db
    .updateTable('mails')
    .set(values)
    .where('id', '=', mail.id)
    .where('state', '=', 'QUEUED')
    .where('due_at', '=', mail.due_at)
    .returningAll()
    .executeTakeFirst()

/** When a mail may go out to its address: at once, unless as many as an hour may have are out, or on their way. */
async function roomFor(tx: Tx, { id, email_key }: Mail): Promise<number> {
  const last = await tx.db
    .selectFrom('mails')
    .select((eb) => eb.fn.coalesce('sent_at', 'claimed_at').as('at'))
    .where('email_key', '=', email_key)
    .where('id', '<>', id)
    .where((eb) =>
      eb.or([
        eb.and([eb('state', '=', 'SENT'), eb('sent_at', '>', tx.now - HOUR_MS)]),
        eb.and([eb('state', '=', 'QUEUED'), eb('claimed_at', 'is not', null)]),
      ]),
    )
    .orderBy('at', 'desc')
    .offset(tx.limits.mailsPerRecipientAnHour - 1)
    .limit(1)
    .executeTakeFirst()
  // One on its way for over an hour is another's to end: until then, look again in a while.
  return last?.at ? Math.max(last.at + HOUR_MS, tx.now + 1000) : tx.now
}

/** The mail with what it says now, and a link of its own. */
export async function letterOf(tx: Tx, mail: Mail): Promise<Letter> {
  const token = await (await mailedInvitation(tx, mail))?.newToken()
  return { ...(await draftOf(tx, mail)), token: token ?? null }
}

/** The same without a link that works. */
export async function draftOf(tx: Tx, mail: Mail): Promise<Letter> {
  const organization = await tx.db
    .selectFrom('organizations')
    .select('name')
    .where('id', '=', mail.organization_id)
    .executeTakeFirstOrThrow()
  const invitation = await mailedInvitation(tx, mail)
  return {
    id: mail.id,
    attempt: mail.attempts + 1,
    claimedAt: mail.claimed_at,
    template: mail.template as MailTemplate,
    locale: mail.locale,
    email: mail.email,
    organization: organization.name,
    inviter: await nameOf(tx, mail.actor_id),
    name: invitation?.name ?? (await nameOf(tx, mail.user_id)),
    message: invitation?.message ?? null,
    expiresAt: invitation?.expires_at ?? null,
    token: null,
  }
}

async function nameOf(tx: Tx, actorId: string | null): Promise<string | null> {
  if (actorId === null) return null
  for (const table of ['users', 'api_keys'] as const) {
    const found = await tx.db.selectFrom(table).select('name').where('id', '=', actorId).executeTakeFirst()
    if (found) return found.name
  }
  return null
}

type Taken = Pick<Letter, 'id' | 'attempt' | 'claimedAt'>

/** A mail server has taken it. */
export function markSent(store: Store, { id, attempt }: Taken): Promise<void> {
  return store.write(async (tx) => {
    // Whoever else holds it by now: it is sent.
    const mail = await tx.db
      .updateTable('mails')
      .set({
        ...{ state: 'SENT', sent_at: tx.now, attempts: attempt },
        ...{ due_at: null, claimed_at: null, last_error: null },
      })
      .where('id', '=', id)
      .where('state', '<>', 'SENT')
      .returningAll()
      .executeTakeFirst()
    if (mail) await (await mailedInvitation(tx, mail))?.recordSent()
  })
}

/** Why a mail was not taken, in words that its sender may read, and whether it ever could be. */
export interface Failure {
  permanent: boolean
  message: string
}

/** It is tried again later, each time after a longer while, or given up. */
export function markFailed(store: Store, taken: Taken, { permanent, message }: Failure): Promise<void> {
  return settle(store, taken, (now) => ({
    attempts: taken.attempt,
    ...(permanent || taken.attempt >= MAX_ATTEMPTS
      ? givenUp(message, now)
      : { due_at: now + retryAfter(taken.attempt), claimed_at: null, last_error: message }),
  }))
}

/** It was not tried: whoever comes next may do it. */
export const giveBack = (store: Store, taken: Taken) =>
  settle(store, taken, (now) => ({ due_at: now, claimed_at: null }))

const retryAfter = (attempt: number) => Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS)

const givenUp = (message: string, now: number) => ({
  state: 'FAILED',
  failed_at: now,
  due_at: null,
  claimed_at: null,
  last_error: message,
})

const settle = (store: Store, { id, claimedAt }: Taken, values: (now: number) => Partial<Mail>) =>
  store.write(async (tx) => {
    await tx.db
      .updateTable('mails')
      .set(values(tx.now))
      .where('id', '=', id)
      .where('state', '=', 'QUEUED')
      // Another attempt has begun where this one took too long.
      .where('claimed_at', '=', claimedAt)
      .execute()
  })

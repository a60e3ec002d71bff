import { sql } from 'kysely'
import type { Tables } from '#db/tables.ts'
import { hashSecret, newSecret, type SecretKind } from './secrets.ts'
import type { Tx } from './store.ts'

/** How long a link still works once a resend has replaced it, unless its sender ends it at once. */
const OVERLAP_MS = 24 * 3_600_000

/**
 * The condition that an invitation is the one of the token with this hash: of its newest, of one mailed, or
 * of one replaced lately.
 */
export const hasToken = (hash: string, now: number) =>
  sql<boolean>`(token_hash = ${hash} or id in (
    select invitation_id from invitation_links
    where token_hash = ${hash} and (expires_at is null or expires_at > ${now})
  ))`

/**
 * One more token of an invitation, for a mail: what is shown to the inviter and what is mailed are two
 * secrets, so that none is ever stored.
 */
export async function addLink(tx: Tx, kind: SecretKind, invitationId: string): Promise<string> {
  const token = newSecret(kind)
  await insertLink(tx, {
    token_hash: hashSecret(token),
    invitation_id: invitationId,
    mailed: 1,
    expires_at: null,
  })
  return token
}

/**
 * A new token in place of the invitation's own; those before it end within a day, or at once. A mail that
 * still waits is given up: it would carry a link that nobody means to send any more.
 */
export async function replaceLinks(
  tx: Tx,
  kind: SecretKind,
  { id, token_hash: replaced }: Pick<Tables['guest_invitations'], 'id' | 'token_hash'>,
  { endAtOnce }: { endAtOnce: boolean },
): Promise<{ token: string; token_hash: string }> {
  await dropMails(tx, id)
  if (endAtOnce) {
    await tx.db.deleteFrom('invitation_links').where('invitation_id', '=', id).execute()
  } else {
    const end = tx.now + OVERLAP_MS
    await tx.db
      .updateTable('invitation_links')
      .set({ expires_at: end })
      .where('invitation_id', '=', id)
      .where('expires_at', 'is', null)
      .execute()
    await insertLink(tx, { token_hash: replaced, invitation_id: id, mailed: 0, expires_at: end })
  }
  const token = newSecret(kind)
  return { token, token_hash: hashSecret(token) }
}

const insertLink = (tx: Tx, link: Omit<Tables['invitation_links'], 'created_at'>) =>
  tx.db
    .insertInto('invitation_links')
    .values({ ...link, created_at: tx.now })
    .execute()

/** Whether only a mail has carried this token: who has it has the mailbox. */
export const isMailed = async (tx: Tx, token: string): Promise<boolean> =>
  (await tx.db
    .selectFrom('invitation_links')
    .select('token_hash')
    .where('token_hash', '=', hashSecret(token))
    .where('mailed', '=', 1)
    .executeTakeFirst()) !== undefined

const dropMails = (tx: Tx, invitationId: string) =>
  tx.db
    .updateTable('mails')
    .set({
      state: 'FAILED',
      failed_at: tx.now,
      due_at: null,
      last_error: 'Not sent. A later one takes its place.',
    })
    .where('invitation_id', '=', invitationId)
    .where('state', '=', 'QUEUED')
    .where('claimed_at', 'is', null)
    .execute()

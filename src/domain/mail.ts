import { v7 } from 'uuid'
import type { Tables } from '#db/tables.ts'
import { RateLimitedError } from './errors.ts'
import { emailKey } from './names.ts'
import type { Tx } from './store.ts'

export const mailTemplates = [
  'guest_invitation',
  'member_invitation',
  'welcome_guest',
  'welcome_member',
] as const
export type MailTemplate = (typeof mailTemplates)[number]

export interface NewMail {
  organizationId: string
  template: MailTemplate
  email: string
  /** In the language that the server prefers where nobody said. */
  locale: string | null
  /** The invitation that it carries the link of. */
  invitationId?: string
  /** The user whom it welcomes. */
  userId?: string
}

const HOUR_MS = 3_600_000

/**
 * Puts a mail into the outbox, in the transaction of what it tells of: it is sent once that is durable, and
 * never otherwise. Refuses what exceeds the limits, whatever way it comes: they count what was put there.
 */
export async function queueMail(tx: Tx, mail: NewMail) {
  const { limits } = tx
  const key = emailKey(mail.email)
  await refuseOver(
    tx,
    limits.mailsPerRecipientAnHour,
    HOUR_MS,
    { email_key: key },
    'e-mails an hour to one address',
  )
  if (tx.actorId !== null) {
    await refuseOver(
      tx,
      limits.mailsPerInviterAnHour,
      HOUR_MS,
      { actor_id: tx.actorId },
      'e-mails an hour for one inviter',
    )
  }
  await refuseOver(
    tx,
    limits.mailsPerOrganizationADay,
    24 * HOUR_MS,
    { organization_id: mail.organizationId },
    'e-mails a day for one organization',
  )
  await tx.db
    .insertInto('mails')
    .values({
      id: v7(),
      organization_id: mail.organizationId,
      invitation_id: mail.invitationId ?? null,
      user_id: mail.userId ?? null,
      actor_id: tx.actorId,
      template: mail.template,
      locale: mail.locale,
      email: mail.email,
      email_key: key,
      state: 'QUEUED',
      attempts: 0,
      due_at: tx.now,
      last_error: null,
      created_at: tx.now,
      sent_at: null,
      failed_at: null,
    })
    .execute()
  tx.posted()
}

type Whose = Partial<Pick<Tables['mails'], 'email_key' | 'actor_id' | 'organization_id'>>

async function refuseOver(tx: Tx, limit: number, period: number, whose: Whose, what: string) {
  const [column, value] = Object.entries(whose)[0] as [keyof Whose, string]
  const { count, oldest } = await tx.db
    .selectFrom('mails')
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.min('created_at').as('oldest')])
    .where(column, '=', value)
    .where('created_at', '>', tx.now - period)
    .executeTakeFirstOrThrow()
  if (count < limit) return
  const seconds = Math.max(1, Math.ceil(((oldest ?? tx.now) + period - tx.now) / 1000))
  throw new RateLimitedError(
    seconds,
    `There are at most ${limit} ${what}.`,
    ', or pass sendEmail: false where there is one, and hand the link over yourself',
  )
}

import { z } from 'zod'
import type { User } from '#db/tables.ts'
import { isSignedIn, targetOf, type Viewer } from './access.ts'
import { isKnown } from './activeUser.ts'
import { perform } from './activity.ts'
import { ConflictError, InvalidInputError, NotFoundError, UserNotActiveError } from './errors.ts'
import { idempotencyKey, idOf } from './inputs.ts'
import { queueMail } from './mail.ts'
import type { Store, Tx } from './store.ts'

/** Each message of welcome, and the template of its mail. */
const templates = { WELCOME_GUEST: 'welcome_guest', WELCOME_MEMBER: 'welcome_member' } as const
export type WelcomeTemplate = keyof typeof templates

export const sendWelcomeMessageInput = z.object({
  userId: idOf('User'),
  template: z.enum(Object.keys(templates) as WelcomeTemplate[]),
  again: z.boolean(),
  locale: z.string().nullish(),
  idempotencyKey,
})
export type SendWelcomeMessageInput = z.infer<typeof sendWelcomeMessageInput>

export interface SentWelcomeMessage {
  user: User
  queuedAt: number
  replayed: boolean
}

/** Mails a member a message of welcome: once for each template, unless it is to be sent again. */
export function sendWelcomeMessage(
  store: Store,
  viewer: Viewer,
  { idempotencyKey: key, ...input }: SendWelcomeMessageInput,
): Promise<SentWelcomeMessage> {
  const { userId, template } = input
  return perform<SentWelcomeMessage>(
    store,
    viewer,
    'member:welcome',
    {
      type: 'SEND_WELCOME_MESSAGE',
      intent: input,
      idempotencyKey: key,
      replay: (tx) => sentBefore(tx, viewer, input),
    },
    async (tx, actor) => {
      const organizationId = targetOf(actor)
      const user = await memberOf(tx, organizationId, userId)
      if (!isKnown(user)) throw new UserNotActiveError()
      if (user.email === null) {
        throw new InvalidInputError([
          { path: ['userId'], message: 'This user has no e-mail address to write to.' },
        ])
      }
      if (!input.again && (await wasWelcomed(tx, organizationId, user, template))) {
        throw new ConflictError(
          'This user has been sent this message already: pass again: true to send it once more.',
        )
      }
      await queueMail(tx, {
        organizationId,
        template: templates[template],
        email: user.email,
        locale: input.locale ?? null,
        userId,
      })
      return { subjectId: userId, result: { user, queuedAt: tx.now, replayed: false } }
    },
  )
}

async function memberOf(tx: Tx, organizationId: string, userId: string): Promise<User> {
  const user = await tx.db
    .selectFrom('users')
    .innerJoin('memberships', 'memberships.user_id', 'users.id')
    .selectAll('users')
    .where('users.id', '=', userId)
    .where('organization_id', '=', organizationId)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
  if (!user) throw new NotFoundError('There is no such member.')
  return user
}

/** Whether it was sent to them, or is about to be: one that was given up does not count. */
async function wasWelcomed(tx: Tx, organizationId: string, { id }: User, template: WelcomeTemplate) {
  const sent = mailsOf(tx, organizationId, id, template).select('id').where('state', '!=', 'FAILED')
  return (await sent.executeTakeFirst()) !== undefined
}

async function sentBefore(
  tx: Tx,
  viewer: Viewer,
  { userId, template }: SendWelcomeMessageInput,
): Promise<SentWelcomeMessage> {
  const organizationId = isSignedIn(viewer) ? targetOf(viewer) : ''
  const user = await tx.db.selectFrom('users').selectAll().where('id', '=', userId).executeTakeFirstOrThrow()
  const { queuedAt } = await mailsOf(tx, organizationId, userId, template)
    .select('created_at as queuedAt')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow()
  return { user, queuedAt, replayed: true }
}

const mailsOf = (tx: Tx, organizationId: string, userId: string, template: WelcomeTemplate) =>
  tx.db
    .selectFrom('mails')
    .where('user_id', '=', userId)
    .where('template', '=', templates[template])
    .where('organization_id', '=', organizationId)

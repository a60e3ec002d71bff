import type { Mail } from '#db/tables.ts'
import { maySee } from '#domain/access.ts'
import { latestMails, type MailState as State } from '#domain/mailDelivery.ts'
import { builder } from './builder.ts'
import { GuestInvitation } from './guestInvitation.ts'
import { contextLoader } from './loader.ts'
import { MemberInvitation } from './memberInvitation.ts'

const MailState = builder.enumType('MailState', {
  description: 'How far an e-mail has come.',
  values: {
    QUEUED: { description: 'It waits, is being sent, or will be tried again.' },
    SENT: { description: 'A mail server has taken it.' },
    FAILED: {
      description: 'It was given up: refused for good, tried for a day in vain, or become pointless.',
    },
  } satisfies Record<State, object>,
})

const MailDelivery = builder.objectRef<Mail>('MailDelivery').implement({
  description: 'What became of the e-mail of an invitation.',
  fields: (t) => ({
    state: t.field({
      type: MailState,
      description: 'How far it has come.',
      resolve: (mail) => mail.state as State,
    }),
    attempts: t.exposeInt('attempts', { description: 'How often it was tried to hand it to a mail server.' }),
    queuedAt: t.expose('created_at', { type: 'DateTime', description: 'When it was put into the outbox.' }),
    sentAt: t.expose('sent_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When a mail server took it; null if none has.',
    }),
    lastError: t.exposeString('last_error', {
      nullable: true,
      description: 'Why the latest attempt failed, or why it was given up; null where nothing went wrong.',
    }),
    nextAttemptAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'From when on it is tried next; null while it is being tried, and where it will not be.',
      resolve: ({ claimed_at, due_at }) => (claimed_at === null ? due_at : null),
    }),
  }),
})

const latestMail = contextLoader((ids: readonly string[], { store }) => latestMails(store, ids))

/** The kinds of invitations that are mailed, and what is needed to see one. */
const kinds = [
  [GuestInvitation, 'guestInvitation:read'],
  [MemberInvitation, 'memberInvitation:read'],
] as const

for (const [kind, permission] of kinds) {
  builder.objectField(kind, 'delivery', (t) =>
    t.field({
      type: MailDelivery,
      nullable: true,
      description:
        'What became of its latest e-mail; null where none was to be sent, or where the viewer may not see the invitation.',
      // Not kept: a later mutation of the same operation may have sent another.
      resolve: ({ id, organization_id }, _, context) =>
        maySee(context.viewer, permission, organization_id) ? latestMail(context).clear(id).load(id) : null,
    }),
  )
}

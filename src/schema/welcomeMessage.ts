import type { User as UserRow } from '#db/tables.ts'
import { activeUsers } from '#domain/activeUser.ts'
import {
  ConflictError,
  InvalidInputError,
  NotFoundError,
  RateLimitedError,
  UserNotActiveError,
} from '#domain/errors.ts'
import {
  type SentWelcomeMessage,
  sendWelcomeMessage,
  sendWelcomeMessageInput,
  type WelcomeTemplate as TemplateName,
} from '#domain/welcomeMessage.ts'
import { User } from './actor.ts'
import { builder } from './builder.ts'
import { IDEMPOTENCY_KEY, REPLAYED } from './idempotencyKey.ts'
import { contextLoader } from './loader.ts'

const isActive = contextLoader<UserRow, boolean, string>(
  (users, { store, viewer }) => activeUsers(store, viewer, users),
  ({ id }) => id,
)

builder.objectFields(User, (t) => ({
  isActive: t.boolean({
    description:
      'Whether they can come in now: they have an e-mail address or have signed in, and are a member of an organization whose members the viewer may see; the viewer themselves, of any organization.',
    resolve: (user, _, context) => isActive(context).load(user),
  }),
}))

const WelcomeTemplate = builder.enumType('WelcomeTemplate', {
  description: 'The messages of welcome that there are.',
  values: {
    WELCOME_GUEST: { description: 'For those who come as guests.' },
    WELCOME_MEMBER: { description: 'For those who come as members.' },
  } satisfies Record<TemplateName, object>,
})

const SendWelcomeMessageInput = builder.inputType('SendWelcomeMessageInput', {
  description: 'Whom to welcome, and how.',
  fields: (t) => ({
    userId: t.id({ required: true, description: 'A member of the viewer’s organization who is active.' }),
    template: t.field({ type: WelcomeTemplate, required: true, description: 'Which message.' }),
    again: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Whether to send it even if they have been sent it before.',
    }),
    locale: t.field({
      type: 'Locale',
      description: 'In which language; the one that the server prefers if left out.',
    }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: sendWelcomeMessageInput },
})

const SendWelcomeMessagePayload = builder
  .objectRef<SentWelcomeMessage>('SendWelcomeMessagePayload')
  .implement({
    description: 'The message is in the outbox.',
    fields: (t) => ({
      user: t.expose('user', { type: User, description: 'Whom it is for.' }),
      queuedAt: t.expose('queuedAt', {
        type: 'DateTime',
        description: 'When it was put into the outbox, the last time.',
      }),
      replayed: t.exposeBoolean('replayed', { description: REPLAYED }),
    }),
  })

builder.mutationField('sendWelcomeMessage', (t) =>
  t.field({
    type: SendWelcomeMessagePayload,
    description:
      'Mails a member a message of welcome, each message once for each organization and member unless `again` says otherwise. Needs `member:welcome`.',
    args: { input: t.arg({ type: SendWelcomeMessageInput, required: true, description: 'Whom, and what.' }) },
    errors: {
      types: [InvalidInputError, NotFoundError, UserNotActiveError, ConflictError, RateLimitedError],
    },
    resolve: (_, { input }, { store, viewer }) => sendWelcomeMessage(store, viewer, input),
  }),
)

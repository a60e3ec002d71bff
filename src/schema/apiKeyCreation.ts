import type { ApiKey as ApiKeyRow } from '#db/tables.ts'
import { createApiKey, createApiKeyInput, rotateApiKey, rotateApiKeyInput } from '#domain/apiKeyCreation.ts'
import { ConflictError, InvalidInputError, NotFoundError, RateLimitedError } from '#domain/errors.ts'
import { ApiKey } from './actor.ts'
import { builder } from './builder.ts'
import { IDEMPOTENCY_KEY } from './idempotencyKey.ts'
import { Permission, Role } from './permission.ts'

interface KeyPayload {
  apiKey: ApiKeyRow
  secret: string | null
  replayed: boolean
}

const keyPayload = (name: string, description: string) =>
  builder.objectRef<KeyPayload>(name).implement({
    description,
    fields: (t) => ({
      apiKey: t.expose('apiKey', { type: ApiKey, description: 'The new key.' }),
      secret: t.exposeString('secret', {
        nullable: true,
        description:
          'What to send as Authorization: Bearer <secret>. Shown this once; null for a public key.',
      }),
      replayed: t.exposeBoolean('replayed', {
        description: 'Whether an earlier call with this idempotency key did the work; then secret is null.',
      }),
    }),
  })

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'The key to make.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What it is for; 1 to 200 characters.' }),
    role: t.field({
      type: Role,
      required: true,
      description: 'No role that may do what the viewer’s own may not.',
    }),
    scopes: t.field({
      type: [Permission],
      description: 'What to confine it to; the whole role if left out.',
    }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it stops working; never if left out.' }),
    publicKey: t.string({
      description:
        'Registers a public key whose holder signs requests: compressed P-256, 66 hexadecimal characters.',
    }),
    publicKeyStamp: t.string({
      description:
        'With publicKey: the X-Stamp that its private half makes over the id of the viewer’s organization.',
    }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: createApiKeyInput },
})

builder.mutationField('createApiKey', (t) =>
  t.field({
    type: keyPayload('CreateApiKeyPayload', 'The key that was made.'),
    description:
      'Makes a key of the viewer’s organization, no wider than the viewer’s own role and scopes. Needs `apiKey:create`.',
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: 'What to make.' }) },
    errors: { types: [InvalidInputError, ConflictError, RateLimitedError] },
    resolve: (_, { input }, { store, viewer }) => createApiKey(store, viewer, input),
  }),
)

const RotateApiKeyInput = builder.inputType('RotateApiKeyInput', {
  description: 'Which key to replace by a new one like it.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id.' }),
    overlapHours: t.int({ description: 'How long the old one still works: 0 to 720 hours; 24 if left out.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: rotateApiKeyInput },
})

builder.mutationField('rotateApiKey', (t) =>
  t.field({
    type: keyPayload('RotateApiKeyPayload', 'The key that replaces the old one.'),
    description:
      'Replaces a key by a new one of the same name, role and scopes, which lasts as long from now as the old one was to last; the old one works until the overlap is over. The keys that the old one made, and its invitations that nobody has accepted, are the new one’s. Needs `apiKey:create` and `apiKey:revoke`.',
    args: { input: t.arg({ type: RotateApiKeyInput, required: true, description: 'Which one.' }) },
    errors: { types: [InvalidInputError, NotFoundError, ConflictError, RateLimitedError] },
    resolve: (_, { input }, { store, viewer }) => rotateApiKey(store, viewer, input),
  }),
)

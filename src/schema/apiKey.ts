import type { ApiKey as ApiKeyRow } from '#db/tables.ts'
import type { Permission as PermissionName } from '#domain/access.ts'
import { apiKeysOf, keyRole } from '#domain/apiKey.ts'
import { revokeApiKey, revokeApiKeyInput } from '#domain/apiKeyRevocation.ts'
import { InvalidInputError, NotFoundError, RateLimitedError } from '#domain/errors.ts'
import { Actor, ApiKey, loadActor } from './actor.ts'
import { builder } from './builder.ts'
import { connectionOf } from './connection.ts'
import { Organization } from './organization.ts'
import { Allowance, allowance, Permission, Role } from './permission.ts'

ApiKey.implement({
  description:
    'What programs sign in with. The secret is shown once; only its hash is stored. Needs `apiKey:read`.',
  fields: (t) => ({
    name: t.exposeString('name', { nullable: true, description: 'What it is for.' }),
    prefix: t.exposeString('prefix', { description: 'How the secret begins, to recognize it by.' }),
    lastFour: t.exposeString('last_four', {
      nullable: true,
      description: 'How the secret ends; null for a public key.',
    }),
    publicKey: t.exposeString('public_key', {
      nullable: true,
      description:
        'For keys that sign requests (X-Stamp): compressed P-256, hexadecimal; null for the others.',
    }),
    role: t.field({ type: Role, description: 'What it is in the organization.', resolve: keyRole }),
    scopes: t.field({
      type: [Permission],
      nullable: true,
      description: 'What it is confined to within its role; null: all of it.',
      resolve: ({ scopes }) => (scopes ? (JSON.parse(scopes) as PermissionName[]) : null),
    }),
    createdBy: t.field({
      type: Actor,
      nullable: true,
      description:
        'Who made it; null where the server’s own command did. The key of a member, and one made with it, works as long as the member may use keys and could give its role.',
      resolve: ({ created_by: id }, _, context) => (id ? loadActor(context, id) : null),
    }),
    createdAt: t.expose('created_at', { type: 'DateTime', description: 'When it was made.' }),
    lastUsedAt: t.expose('last_used_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used, to the minute; null: never.',
    }),
    expiresAt: t.expose('expires_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When it stops working; null: never.',
    }),
    revokedAt: t.expose('revoked_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was revoked; null if it was not.',
    }),
    viewerCanRevoke: t.field({
      type: Allowance,
      description: 'Whether the viewer may revoke it.',
      resolve: (key, _, { viewer }) =>
        allowance(
          viewer,
          'apiKey:revoke',
          key.organization_id,
          key.revoked_at === null ? undefined : { reason: 'REVOKED', closedAt: key.revoked_at },
        ),
    }),
  }),
})

const ApiKeyEdge = builder.edgeObject({ name: 'ApiKeyEdge', description: 'A key in a list.', type: ApiKey })

const ApiKeyConnection = builder.connectionObject(
  { name: 'ApiKeyConnection', description: 'A page of keys.', type: ApiKey },
  ApiKeyEdge,
)

builder.objectFields(Organization, (t) => ({
  apiKeys: t.connection(
    {
      type: ApiKey,
      description: 'Its API keys, the revoked ones too, newest first. Needs `apiKey:read`.',
      resolve: ({ id }, args, context, info) =>
        connectionOf<ApiKeyRow>(context, info, apiKeysOf, { id, organization_id: id }, args),
    },
    ApiKeyConnection,
    ApiKeyEdge,
  ),
}))

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'Which key to end.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
  validate: { schema: revokeApiKeyInput },
})

const RevokeApiKeyPayload = builder.objectRef<{ apiKey: ApiKeyRow }>('RevokeApiKeyPayload').implement({
  description: 'The key that was ended.',
  fields: (t) => ({ apiKey: t.expose('apiKey', { type: ApiKey, description: 'As it is now.' }) }),
})

builder.mutationField('revokeApiKey', (t) =>
  t.field({
    type: RevokeApiKeyPayload,
    description:
      'Ends a key for good, with the keys that were made with it (rotate it to keep those), and their open sockets and streams. Needs `apiKey:revoke`.',
    args: { input: t.arg({ type: RevokeApiKeyInput, required: true, description: 'Which one.' }) },
    errors: { types: [InvalidInputError, NotFoundError, RateLimitedError] },
    resolve: async (_, { input }, { store, viewer }) => ({
      apiKey: await revokeApiKey(store, viewer, input.id),
    }),
  }),
)

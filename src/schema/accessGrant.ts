import type { AccessGrant as AccessGrantRow } from '#db/tables.ts'
import {
  ConflictError,
  InvalidInputError,
  InvitationClosedError,
  NotFoundError,
  RateLimitedError,
} from '#domain/errors.ts'
import {
  type AcceptedInvite,
  acceptInvite,
  acceptInviteInput,
  type GrantedThings,
  grantsOfInvite,
} from '#domain/grant.ts'
import { builder } from './builder.ts'
import { connectionOf } from './connection.ts'
import type { Context } from './context.ts'
import { Integration } from './integration.ts'
import { Invite, invitePortals } from './invite.ts'
import { nodeRef, rowsOf } from './node.ts'
import { refuseUnseen } from './onceShown.ts'
import { Organization } from './organization.ts'
import { seen } from './permission.ts'
import { Portal } from './portal.ts'

export const AccessGrant = nodeRef('AccessGrant', rowsOf<AccessGrantRow>('access_grants'))

AccessGrant.implement({
  description:
    'What an accepted invite lets its guest do. It ends with the invite’s window and with its revocation, not with its exhaustion. Needs `grant:read`.',
  fields: (t) => ({
    invite: t.field({
      type: Invite,
      description: 'What was accepted.',
      resolve: (grant, _, context) => inviteOf(grant, context),
    }),
    portals: t.field({
      type: [Portal],
      description: 'What it opens.',
      resolve: ({ organization_id, invite_id: id }, _, context) =>
        seen(context, 'portal:read', organization_id, invitePortals(context).load(id)),
    }),
    validFrom: t.field({
      type: 'DateTime',
      description: 'From when on it opens its portals.',
      resolve: async (grant, _, context) => (await inviteOf(grant, context)).valid_from,
    }),
    validTo: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until when; null: without end.',
      resolve: async (grant, _, context) => (await inviteOf(grant, context)).valid_to,
    }),
    guestName: t.exposeString('guest_name', {
      nullable: true,
      description: 'As the guest gave it; not verified.',
    }),
    createdAt: t.expose('created_at', { type: 'DateTime', description: 'When the invite was accepted.' }),
  }),
})

const inviteOf = ({ organization_id, invite_id: id }: AccessGrantRow, context: Context) =>
  seen(context, 'invite:read', organization_id, Invite.loader(context).load(id))

/**
 * Lets the holder of a token, who has no account, see what it was given for: these rows and no others.
 * The loaders stay confined to what the viewer may look up; they merely have these at hand already.
 */
export function showGranted(context: Context, { organization, integration, invite, portals }: GrantedThings) {
  Organization.loader(context).prime(organization.id, organization)
  Integration.loader(context).prime(integration.id, integration)
  Invite.loader(context).clear(invite.id).prime(invite.id, invite)
  for (const portal of portals) Portal.loader(context).prime(portal.id, portal)
  invitePortals(context).prime(invite.id, portals)
}

const GrantEdge = builder.edgeObject({
  name: 'AccessGrantEdge',
  description: 'A grant in a list.',
  type: AccessGrant,
})

const GrantConnection = builder.connectionObject(
  { name: 'AccessGrantConnection', description: 'A page of grants.', type: AccessGrant },
  GrantEdge,
)

builder.objectFields(Invite, (t) => ({
  grants: t.connection(
    {
      type: AccessGrant,
      description: 'Who has accepted it, newest first. Needs `grant:read`.',
      resolve: (invite, args, context, info) =>
        connectionOf<AccessGrantRow>(context, info, grantsOfInvite, invite, args),
    },
    GrantConnection,
    GrantEdge,
  ),
}))

const AcceptInviteInput = builder.inputType('AcceptInviteInput', {
  description: 'Guests need no account: whoever holds the token may accept.',
  fields: (t) => ({
    token: t.string({ required: true, description: 'The secret of the link.' }),
    guestName: t.string({ description: 'Who comes; at most 200 characters.' }),
    idempotencyKey: t.string({
      description:
        'Accepting twice with the same key is one use; then grantToken is null. 1 to 128 characters, best random.',
    }),
  }),
  validate: { schema: acceptInviteInput },
})

const AcceptInvitePayload = builder.objectRef<AcceptedInvite>('AcceptInvitePayload').implement({
  description: 'What the guest may now do.',
  fields: (t) => ({
    grant: t.expose('grant', { type: AccessGrant, description: 'What was granted.' }),
    grantToken: t.exposeString('grantToken', {
      nullable: true,
      description: 'The secret with which the guest opens the portals of the grant. Shown this once.',
    }),
    replayed: t.exposeBoolean('replayed', {
      description: 'Whether an earlier call with this idempotency key did the work; then grantToken is null.',
    }),
  }),
})

builder.mutationField('acceptInvite', (t) =>
  t.field({
    type: AcceptInvitePayload,
    description: 'Spends one use of an access invite. Public: needs the token and no sign-in.',
    args: {
      input: t.arg({ type: AcceptInviteInput, required: true, description: 'The token, and who comes.' }),
    },
    errors: {
      types: [InvalidInputError, NotFoundError, InvitationClosedError, RateLimitedError, ConflictError],
    },
    resolve: async (_, { input }, context, info) => {
      refuseUnseen(info, { viewer: context.viewer, seeReferences: true })
      const accepted = await acceptInvite(context.store, context.viewer, input)
      showGranted(context, accepted.things)
      return accepted
    },
  }),
)

import type { PortalOpening as PortalOpeningRow } from '#db/tables.ts'
import { InvalidInputError, InvitationClosedError, NotFoundError, RateLimitedError } from '#domain/errors.ts'
import {
  type OpenedPortal,
  type OpeningRefusal,
  openingsOfPortal,
  openPortal,
  openPortalInput,
} from '#domain/portalOpening.ts'
import { AccessGrant, showGranted } from './accessGrant.ts'
import { builder } from './builder.ts'
import { connectionOf } from './connection.ts'
import { nodeRef, rowsOf } from './node.ts'
import { seen } from './permission.ts'
import { Portal } from './portal.ts'

const PortalOpeningRefusal = builder.enumType('PortalOpeningRefusal', {
  description: 'Why a portal stayed shut.',
  values: {
    NOT_YET_VALID: { description: 'The invite’s window had not opened yet.' },
    EXPIRED: { description: 'The invite’s window had ended.' },
    REVOKED: { description: 'The invite had been taken back.' },
    NOT_GRANTED: { description: 'The grant does not open this portal.' },
  } satisfies Record<OpeningRefusal, object>,
})

const PortalOpening = nodeRef('PortalOpening', rowsOf<PortalOpeningRow>('portal_openings'))

PortalOpening.implement({
  description: 'One attempt to open a portal, allowed or refused. Needs `opening:read`.',
  fields: (t) => ({
    portal: t.field({
      type: Portal,
      description: 'What was to be opened.',
      resolve: ({ organization_id, portal_id: id }, _, context) =>
        seen(context, 'portal:read', organization_id, Portal.loader(context).load(id)),
    }),
    grant: t.field({
      type: AccessGrant,
      description: 'By whom.',
      resolve: ({ organization_id, grant_id: id }, _, context) =>
        seen(context, 'grant:read', organization_id, AccessGrant.loader(context).load(id)),
    }),
    allowed: t.boolean({ description: 'Whether it opened.', resolve: (opening) => opening.allowed === 1 }),
    refusal: t.field({
      type: PortalOpeningRefusal,
      nullable: true,
      description: 'Why it did not open; null where it did.',
      resolve: (opening) => opening.refusal as OpeningRefusal | null,
    }),
    attemptedAt: t.expose('at', { type: 'DateTime', description: 'When.' }),
  }),
})

const PortalOpeningEdge = builder.edgeObject({
  name: 'PortalOpeningEdge',
  description: 'An attempt in a list.',
  type: PortalOpening,
})

const PortalOpeningConnection = builder.connectionObject(
  { name: 'PortalOpeningConnection', description: 'A page of attempts.', type: PortalOpening },
  PortalOpeningEdge,
)

builder.objectFields(Portal, (t) => ({
  openings: t.connection(
    {
      type: PortalOpening,
      description: 'Who has tried to open it, newest first. Needs `opening:read`.',
      resolve: (portal, args, context, info) =>
        connectionOf<PortalOpeningRow>(context, info, openingsOfPortal, portal, args),
    },
    PortalOpeningConnection,
    PortalOpeningEdge,
  ),
}))

const OpenPortalInput = builder.inputType('OpenPortalInput', {
  description: 'Which portal to open, and by what right.',
  fields: (t) => ({
    grantToken: t.string({ required: true, description: 'The secret that accepting the invite gave.' }),
    portalId: t.id({ required: true, description: 'A portal of the grant.' }),
  }),
  validate: { schema: openPortalInput },
})

const OpenPortalPayload = builder.objectRef<OpenedPortal>('OpenPortalPayload').implement({
  description: 'The portal is open.',
  fields: (t) => ({
    portal: t.expose('portal', { type: Portal, description: 'What was opened.' }),
    openedAt: t.expose('openedAt', { type: 'DateTime', description: 'When.' }),
  }),
})

builder.mutationField('openPortal', (t) =>
  t.field({
    type: OpenPortalPayload,
    description:
      'Opens a portal with a grant. Every attempt is recorded, the refused ones too. Public: needs the grant’s token and no sign-in.',
    args: {
      input: t.arg({ type: OpenPortalInput, required: true, description: 'Which portal, by what right.' }),
    },
    errors: { types: [InvalidInputError, NotFoundError, InvitationClosedError, RateLimitedError] },
    resolve: async (_, { input }, context) => {
      const opened = await openPortal(context.store, context.viewer, input)
      showGranted(context, opened.things)
      return opened
    },
  }),
)

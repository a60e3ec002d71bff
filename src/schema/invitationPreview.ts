import { bestMatch, messagesOf } from '#domain/locales.ts'
import {
  type InvitationPreview as InvitationPreviewShape,
  type invitationKinds,
  portalNamesOf,
  previewInvitation,
} from '#domain/preview.ts'
import { builder } from './builder.ts'
import { ClosedReason } from './errors.ts'
import { InvitationStatus } from './invitation.ts'
import { contextLoader } from './loader.ts'
import { LocalizedText } from './localizedText.ts'
import { Role } from './permission.ts'

const InvitationKind = builder.enumType('InvitationKind', {
  description: 'The kinds of invitations.',
  values: {
    ACCESS: { description: 'A time-bound link that opens portals.' },
    GUEST: { description: 'An invitation of another organization.' },
    MEMBER: { description: 'An invitation of a person to an organization.' },
    JOIN: { description: 'A link by which whoever has it becomes a member.' },
  } satisfies Record<(typeof invitationKinds)[number], object>,
})

const portalNames = contextLoader((ids: readonly string[], { store }) => portalNamesOf(store, ids))

const InvitationPreview = builder.objectRef<InvitationPreviewShape>('InvitationPreview').implement({
  description: 'What whoever holds a token may see before accepting. Looking never consumes a use. Public.',
  fields: (t) => ({
    kind: t.expose('kind', { type: InvitationKind, description: 'What kind of invitation it is.' }),
    organizationName: t.exposeString('organizationName', {
      description: 'The name of the organization that invites.',
    }),
    createdByName: t.exposeString('createdByName', {
      nullable: true,
      description: 'The name of whoever sent it: of the key, where a key did; null where it has none.',
    }),
    email: t.exposeString('email', { nullable: true, description: 'Masked: j***@example.com.' }),
    status: t.expose('status', { type: InvitationStatus, description: 'Where it stands now.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it stops being acceptable; null: never.',
    }),
    validFrom: t.expose('validFrom', {
      type: 'DateTime',
      nullable: true,
      description: 'From when on it can be accepted; null: from the start.',
    }),
    name: t.exposeString('name', {
      nullable: true,
      description: 'What it is for; of an invitation to become a member, the name of who is invited.',
    }),
    role: t.expose('role', {
      type: Role,
      nullable: true,
      description: 'What the one who accepts becomes in the organization; null for ACCESS and GUEST.',
    }),
    message: t.field({
      type: LocalizedText,
      nullable: true,
      description: 'The message in the best match for these locales; the first one given where none matches.',
      args: {
        locales: t.arg({
          type: ['Locale'],
          description: 'The most wanted first; the request’s own languages (Accept-Language) if left out.',
        }),
      },
      resolve: ({ invite, message }, { locales }, context) =>
        invite ? bestMatch(messagesOf(invite), locales ?? context.locales) : message,
    }),
    portalNames: t.stringList({
      description: 'What it opens; empty for other kinds than ACCESS.',
      resolve: ({ invite }, _, context) => (invite ? portalNames(context).load(invite.id) : []),
    }),
    usesRemaining: t.exposeInt('usesRemaining', {
      nullable: true,
      description: 'How often it can still be accepted; null: without limit.',
    }),
    acceptable: t.boolean({
      description: 'Whether accepting would succeed now.',
      resolve: ({ closed }) => closed === undefined,
    }),
    closedReason: t.field({
      type: ClosedReason,
      nullable: true,
      description: 'Why accepting would fail now; null where it would succeed.',
      resolve: ({ closed }) => closed?.reason,
    }),
    opensAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it opens, for NOT_YET_VALID.',
      resolve: ({ closed }) => closed?.opensAt,
    }),
  }),
})

builder.queryField('invitationPreview', (t) =>
  t.field({
    type: InvitationPreview,
    nullable: true,
    description:
      'What a token is for; null for a token that nobody was given. Looking changes nothing about the invitation, and spends no use; only that somebody has looked is noted in its timeline. Who asks for too many of those is refused with code RATE_LIMITED and `retryAfter`, in seconds. Public: needs no sign-in.',
    args: { token: t.arg.string({ required: true, description: 'The secret of the link.' }) },
    resolve: (_, { token }, { store, viewer }) => previewInvitation(store, viewer, token),
  }),
)

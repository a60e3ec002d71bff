import { typeOfId } from '#domain/ids.ts'
import type { eventTypes, statuses } from '#domain/invitation.ts'
import { Actor, loadActor } from './actor.ts'
import { builder } from './builder.ts'
import { Node } from './node.ts'
import { Organization } from './organization.ts'
import { seen } from './permission.ts'

export const InvitationStatus = builder.enumType('InvitationStatus', {
  description: 'Where an invitation stands. Computed whenever it is read: time needs no job to change it.',
  values: {
    SCHEDULED: { description: 'The validity window has not opened yet.' },
    PENDING: { description: 'Open: it can be accepted now.' },
    ACCEPTED: { description: 'Accepted by the one it was addressed to.' },
    DECLINED: { description: 'Declined by the one it was addressed to.' },
    EXHAUSTED: { description: 'Every use that it allowed is spent.' },
    EXPIRED: { description: 'Its time has run out.' },
    REVOKED: { description: 'It was taken back.' },
  } satisfies Record<(typeof statuses)[number], object>,
})

/** What each event says, in the log and in a timeline. */
export const eventMeanings = {
  CREATED: { description: 'It was made.' },
  SENT: { description: 'It was sent: a mail server has taken the e-mail.' },
  ACCEPTED: { description: 'The one it was addressed to accepted.' },
  DECLINED: { description: 'The one it was addressed to declined.' },
  USED: { description: 'One use was spent.' },
  UPDATED: { description: 'It was changed.' },
  REVOKED: { description: 'It was taken back.' },
  RESTORED: { description: 'It was given again after having been taken back, or having expired.' },
  EXPIRED: { description: 'Its time ran out. Caused by time alone.' },
  OPENED: { description: 'Its window opened. Caused by time alone.' },
  EXHAUSTED: { description: 'Its last use was spent.' },
  ARCHIVED: { description: 'It was put away.' },
  UNARCHIVED: { description: 'It was taken out again.' },
} satisfies Record<(typeof eventTypes)[number], object>

/** What every change says of the version that its caller has seen. */
export const EXPECTED_VERSION =
  'The version that you have seen: refused with a ConflictError, which shows it as it is now, if it has changed since. Left out, it is changed in any case.'

interface InvitationShape {
  id: string
  organization_id: string
  created_at: number
  updated_at: number
  revoked_at: number | null
  created_by: string | null
  version: number
  previewed_at: number | null
}

/** The interface's own fields resolve alike for every kind; status and expiry are each kind's own. */
export const Invitation = builder.interfaceRef<InvitationShape>('Invitation').implement({
  description: 'What all kinds of invitations have in common.',
  interfaces: [Node],
  resolveType: (invitation) => typeOfId(invitation.id),
  fields: (t) => ({
    organization: t.field({
      type: Organization,
      description: 'Who invites.',
      resolve: ({ organization_id: id }, _, context) =>
        seen(context, 'organization:read', id, Organization.loader(context).load(id)),
    }),
    status: t.field({
      type: InvitationStatus,
      description: 'Where it stands now.',
      resolve: neverAsked,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it stops being acceptable; null: never.',
      resolve: neverAsked,
    }),
    version: t.exposeInt('version', {
      description:
        'Counts the changes that people make to it, not its uses: pass it as `expectedVersion` to change what you have seen, or be told.',
    }),
    createdBy: t.field({
      type: Actor,
      nullable: true,
      description: 'Who made it; null where the viewer may not see them.',
      resolve: ({ created_by: id }, _, context) => (id ? loadActor(context, id) : null),
    }),
    createdAt: t.expose('created_at', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updated_at', { type: 'DateTime', description: 'When it last changed.' }),
    revokedAt: t.expose('revoked_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was taken back; null if it was not.',
    }),
  }),
})

function neverAsked(): never {
  throw new Error('Each kind of invitation resolves this itself.')
}

import type { MemberInvitation as MemberInvitationRow, Membership as MembershipRow } from '#db/tables.ts'
import { maySee, requireSignIn } from '#domain/access.ts'
import { roleRefusal } from '#domain/granting.ts'
import {
  findMemberInvitations,
  invitingOrganizations,
  memberInvitationClosed,
  memberInvitationStatus,
  membershipsFrom,
  personOf,
} from '#domain/memberInvitation.ts'
import { memberRivals, type Rivals, whyNotResent } from '#domain/memberInvitationRivals.ts'
import { type AccessType as AccessTypeName, roleOf } from '#domain/user.ts'
import { Actor, loadActor } from './actor.ts'
import { builder } from './builder.ts'
import { Invitation, InvitationStatus } from './invitation.ts'
import { contextLoader } from './loader.ts'
import { AccessType, Membership } from './member.ts'
import { checkedId, nodeRef } from './node.ts'
import { Organization } from './organization.ts'
import { Allowance, allowance, Role, seen } from './permission.ts'

export const MemberInvitation = nodeRef<MemberInvitationRow>('MemberInvitation', (ids, { store, viewer }) =>
  findMemberInvitations(store, viewer, ids),
)

/** What came of invitations, by their ids. */
export const membershipFrom = contextLoader<string, MembershipRow | null>((ids, { store, viewer }) =>
  membershipsFrom(store, viewer, ids),
)

/** What has the address of one by now; not kept, as an operation may change it twice. */
const rivals = contextLoader<string, Rivals>((ids, { store }) => memberRivals(store, ids))

const hosts = contextLoader((ids: readonly string[], { store }) => invitingOrganizations(store, ids))

MemberInvitation.implement({
  description:
    'An e-mail invitation by which a person becomes a member of the organization. Needs `memberInvitation:read`; the person it is addressed to sees it too, once signed in with that address, verified.',
  interfaces: [Invitation],
  fields: (t) => ({
    organization: t.field({
      type: Organization,
      description: 'Who invites. The invited person sees its name before they are a member.',
      resolve: ({ organization_id: id }, _, context) => {
        // A person who may not read it as a member was invited by it.
        const isInvited = personOf(context.viewer) && !maySee(context.viewer, 'organization:read', id)
        const loader = isInvited ? hosts(context) : Organization.loader(context)
        return seen(context, 'organization:read', id, loader.load(id))
      },
    }),
    email: t.expose('email', { type: 'EmailAddress', description: 'Whom it was addressed to.' }),
    name: t.exposeString('name', { nullable: true, description: 'The name of who is invited.' }),
    tags: t.stringList({
      description: 'Words of the organization’s own choice, which the member will have.',
      resolve: (invitation) => JSON.parse(invitation.tags) as string[],
    }),
    accessType: t.field({
      type: AccessType,
      description: 'How the member will come in.',
      resolve: (invitation) => invitation.access_type as AccessTypeName,
    }),
    role: t.field({ type: Role, description: 'What the member will be.', resolve: roleOf }),
    sender: t.field({
      type: Actor,
      nullable: true,
      description: 'Who sent it: the member or key that made it; null where the viewer may not see them.',
      resolve: ({ created_by: id }, _, context) => (id ? loadActor(context, id) : null),
    }),
    locale: t.expose('locale', {
      type: 'Locale',
      nullable: true,
      description: 'The language in which it is mailed; null where nobody said.',
    }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'What the inviter says in the e-mail, as it was given: escape it where it is shown.',
    }),
    status: t.field({
      type: InvitationStatus,
      description:
        'REVOKED, else ACCEPTED, else DECLINED, else EXPIRED, else PENDING: the first that applies now.',
      resolve: (invitation, _, { store }) => memberInvitationStatus(invitation, store.now()),
    }),
    firstSentAt: t.expose('first_sent_at', { type: 'DateTime', description: 'When it was first sent.' }),
    lastSentAt: t.expose('last_sent_at', { type: 'DateTime', description: 'When it was last sent.' }),
    expiresAt: t.expose('expires_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When it stops being acceptable; null: never.',
    }),
    acceptedAt: t.expose('accepted_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was accepted; null if it was not.',
    }),
    declinedAt: t.expose('declined_at', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was declined; null if it was not.',
    }),
    membership: t.field({
      type: Membership,
      nullable: true,
      description: 'What came of it; null where nobody accepted, or the viewer may not see who.',
      resolve: ({ id, user_id }, _, context) => (user_id ? membershipFrom(context).load(id) : null),
    }),
    viewerCanUpdate: t.field({
      type: Allowance,
      description:
        'Whether the viewer may change it; to make it last longer, or give more, they must be able to give its role.',
      resolve: (invitation, _, { store, viewer }) =>
        allowance(
          viewer,
          'memberInvitation:update',
          invitation.organization_id,
          memberInvitationClosed(invitation, store.now()),
        ),
    }),
    viewerCanResend: t.field({
      type: Allowance,
      description:
        'Whether the viewer may send it again, who must be able to give its role, the limits of e-mails aside; what has expired with a new end.',
      resolve: async (invitation, _, context) => {
        const found = await rivals(context).clear(invitation.id).load(invitation.id)
        const obstacle =
          whyNotResent(invitation, found, context.store.now()) ??
          roleRefusal(context.viewer, roleOf(invitation))
        return allowance(context.viewer, 'memberInvitation:update', invitation.organization_id, obstacle)
      },
    }),
    viewerCanRevoke: t.field({
      type: Allowance,
      description: 'Whether the viewer may take it back.',
      resolve: (invitation, _, { store, viewer }) =>
        allowance(
          viewer,
          'memberInvitation:revoke',
          invitation.organization_id,
          memberInvitationClosed(invitation, store.now()),
        ),
    }),
  }),
})

builder.queryField('memberInvitation', (t) =>
  t.field({
    type: MemberInvitation,
    nullable: true,
    description:
      'The member invitation with this id; null where the viewer may not see it. Needs `memberInvitation:read`, or to be the person whom it is addressed to.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_, { id }, context) => {
      requireSignIn(context.viewer)
      return MemberInvitation.loader(context).load(checkedId('MemberInvitation', id))
    },
  }),
)

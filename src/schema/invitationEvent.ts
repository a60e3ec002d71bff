import type { InvitationEvent as InvitationEventRow } from '#db/tables.ts'
import { authorize } from '#domain/access.ts'
import { followLog } from '#domain/follow.ts'
import {
  followGuestInvitationStatus,
  followInviteStatus,
  followMemberInvitationStatus,
  type StatusChange,
} from '#domain/followStatus.ts'
import { typeOfId } from '#domain/ids.ts'
import type { EventType, InvitationStatus as Status } from '#domain/invitation.ts'
import { cursorOf, eventPage } from '#domain/log.ts'
import { Actor, loadActor } from './actor.ts'
import { builder } from './builder.ts'
import { GuestInvitation } from './guestInvitation.ts'
import { eventMeanings, Invitation, InvitationStatus } from './invitation.ts'
import { Invite } from './invite.ts'
import { JoinLink } from './joinLink.ts'
import { MemberInvitation } from './memberInvitation.ts'
import { checkedId } from './node.ts'
import { Organization } from './organization.ts'
import { seen } from './permission.ts'

const InvitationEventType = builder.enumType('InvitationEventType', {
  description: 'What can happen to an invitation.',
  values: eventMeanings,
})

const InvitationEvent = builder.objectRef<InvitationEventRow>('InvitationEvent').implement({
  description:
    'One change of one invitation, from the organization’s own gapless, ordered log. Needs `event:read`.',
  fields: (t) => ({
    cursor: t.string({ description: 'Where to resume: pass it as `after`.', resolve: cursorOf }),
    sequence: t.exposeInt('sequence', {
      description: 'The organization’s own count: each event is exactly one more than the one before.',
    }),
    type: t.field({
      type: InvitationEventType,
      description: 'What happened.',
      resolve: (event) => event.type as EventType,
    }),
    invitation: t.field({
      type: Invitation,
      description: 'The invitation as it is now.',
      resolve: ({ organization_id, invitation_id: id }, _, context) => {
        const [kind, permission] = kindOf(id)
        return seen<{ id: string }>(
          context,
          permission,
          organization_id,
          kind.loader(context).load(id),
        ) as Promise<never>
      },
    }),
    status: t.field({
      type: InvitationStatus,
      description: 'The status right after this event.',
      resolve: (event) => event.status as Status,
    }),
    previousStatus: t.field({
      type: InvitationStatus,
      nullable: true,
      description: 'The status right before this event; null where there was none.',
      resolve: (event) => event.previous_status as Status | null,
    }),
    actor: t.field({
      type: Actor,
      nullable: true,
      description:
        'Who did it; null for a guest, for what time or the mail caused, and where the viewer may not see them.',
      resolve: ({ actor_id: id }, _, context) => (id ? loadActor(context, id) : null),
    }),
    occurredAt: t.expose('occurred_at', {
      type: 'DateTime',
      description: 'When it happened; for what time caused, when it was due.',
    }),
  }),
})

/** Each kind of invitation, and what is needed to see one. */
const kinds = {
  Invite: [Invite, 'invite:read'],
  GuestInvitation: [GuestInvitation, 'guestInvitation:read'],
  JoinLink: [JoinLink, 'joinLink:read'],
  MemberInvitation: [MemberInvitation, 'memberInvitation:read'],
} as const

const kindOf = (id: string) => kinds[typeOfId(id) as keyof typeof kinds]

interface EventEdge {
  cursor: string
  node: InvitationEventRow
}

const InvitationEventEdge = builder.objectRef<EventEdge>('InvitationEventEdge').implement({
  description: 'An event in a page of the log.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: 'Where the event stands: pass it as `after`.' }),
    node: t.expose('node', { type: InvitationEvent, description: 'The event.' }),
  }),
})

const InvitationEventConnection = builder
  .objectRef<Awaited<ReturnType<typeof eventPage>>>('InvitationEventConnection')
  .implement({
    description: 'A page of the log.',
    fields: (t) => ({
      edges: t.field({
        type: [InvitationEventEdge],
        description: 'The events of this page, oldest first.',
        resolve: ({ rows }) => rows.map((node) => ({ cursor: cursorOf(node), node })),
      }),
      pageInfo: t.field({
        type: builder.pageInfoRef(),
        description: 'Whether there is more, and from where.',
        resolve: ({ rows: [first, ...others], hasNextPage, hasPreviousPage }) => ({
          hasNextPage,
          hasPreviousPage,
          startCursor: first ? cursorOf(first) : null,
          endCursor: first ? cursorOf(others.at(-1) ?? first) : null,
        }),
      }),
    }),
  })

builder.objectFields(Organization, (t) => ({
  eventCursor: t.string({
    description:
      'The head of its event log: subscribed with as `after`, it brings all that happens after what is read below this organization. Needs `event:read`.',
    resolve: ({ id, last_sequence }, _, { viewer }) => {
      authorize(viewer, 'event:read', id)
      return cursorOf({ organization_id: id, sequence: last_sequence })
    },
  }),
  invitationEvents: t.field({
    type: InvitationEventConnection,
    description:
      'The event log, for those who poll; `after` is any event’s cursor. A cursor that the log cannot continue from is refused with CURSOR_OUT_OF_RANGE. Needs `event:read`.',
    args: {
      first: t.arg.int({ description: 'At most 100; 20 if left out.' }),
      after: t.arg.string({ description: 'From the start of the log if left out.' }),
    },
    resolve: ({ id }, args, { store, viewer }) => eventPage(store, viewer, id, args),
  }),
}))

const checkedInvitationId = (id: string) =>
  Object.hasOwn(kinds, typeOfId(id) ?? '') ? id : checkedId('Invite', id)

builder.subscriptionField('invitationEvents', (t) =>
  t.field({
    type: InvitationEvent,
    description: `Every change of this organization’s invitations, in order. With \`after\`, first what was missed
since that cursor, then what happens, with no gap and no repeat. With ids or types, only those.
A cursor that the log cannot continue from is refused with CURSOR_OUT_OF_RANGE, its extensions naming the \`head\`.
Needs \`event:read\`, judged again at each delivery.`,
    args: {
      organizationId: t.arg.id({ description: 'The viewer’s own organization if left out.' }),
      invitationIds: t.arg.idList({ description: 'Only these invitations.' }),
      types: t.arg({ type: [InvitationEventType], description: 'Only these types of events.' }),
      after: t.arg.string({
        description:
          'The cursor of the last event seen. The header Last-Event-ID of a reconnecting SSE client outranks it.',
      }),
    },
    subscribe: (_, args, { store, viewer, lastEventId }) =>
      followLog(store, viewer, {
        ...args,
        invitationIds: args.invitationIds?.map(checkedInvitationId),
        organizationId:
          args.organizationId == null ? undefined : checkedId('Organization', args.organizationId),
        after: lastEventId ?? args.after,
      }),
    resolve: (event) => event,
  }),
)

builder.subscriptionField('inviteStatusChanged', (t) =>
  t.field({
    type: Invite,
    description:
      'The status of one access invite: now, and whenever it changes. Needs `invite:read` and `event:read`.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    subscribe: (_, { id }, { store, viewer }) => followInviteStatus(store, viewer, checkedId('Invite', id)),
    resolve: ({ invitationId: id }: StatusChange, _, context) =>
      Invite.loader(context).load(id) as Promise<never>,
  }),
)

builder.subscriptionField('guestInvitationStatusChanged', (t) =>
  t.field({
    type: GuestInvitation,
    description:
      'The status of one guest invitation: now, and whenever it changes. Needs `guestInvitation:read` and `event:read`.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    subscribe: (_, { id }, { store, viewer }) =>
      followGuestInvitationStatus(store, viewer, checkedId('GuestInvitation', id)),
    resolve: ({ invitationId: id }: StatusChange, _, context) =>
      GuestInvitation.loader(context).load(id) as Promise<never>,
  }),
)

builder.subscriptionField('memberInvitationStatusChanged', (t) =>
  t.field({
    type: MemberInvitation,
    description:
      'The status of one member invitation: now, and whenever it changes. Needs `memberInvitation:read` and `event:read`.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    subscribe: (_, { id }, { store, viewer }) =>
      followMemberInvitationStatus(store, viewer, checkedId('MemberInvitation', id)),
    resolve: ({ invitationId: id }: StatusChange, _, context) =>
      MemberInvitation.loader(context).load(id) as Promise<never>,
  }),
)

/** What a subscription is told of. */
export type Delivery = InvitationEventRow | StatusChange

/** Where in the log a delivery of any of these subscriptions stands: SSE sends it as the event's id. */
export const cursorOfDelivery = (delivery: Delivery) =>
  'cursor' in delivery ? delivery.cursor : cursorOf(delivery)

/** What tells the delivery from all others. */
export const nameOfDelivery = (delivery: Delivery) =>
  'cursor' in delivery
    ? `${delivery.invitationId} ${delivery.cursor}`
    : `${delivery.organization_id} ${delivery.sequence}`

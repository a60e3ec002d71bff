import type { Activity as ActivityRow } from '#db/tables.ts'
import {
  activitiesOf,
  type activityStatuses,
  activityTypes,
  type ActivityStatus as StatusName,
  type ActivityType as TypeName,
} from '#domain/activityList.ts'
import { Actor, loadActor } from './actor.ts'
import { builder } from './builder.ts'
import { connectionOf } from './connection.ts'
import { nodeRef, rowsOf } from './node.ts'
import { Organization } from './organization.ts'
import { seen } from './permission.ts'

const ActivityType = builder.enumType('ActivityType', {
  description: 'What was done: the name of the mutation.',
  values: Object.fromEntries(
    activityTypes.map((type) => [type, { value: type, description: `The mutation ${mutationOf(type)}.` }]),
  ) as Record<TypeName, { value: TypeName; description: string }>,
})

/** CREATE_INVITE is createInvite. */
function mutationOf(type: TypeName): string {
  const names: Partial<Record<TypeName, string>> = {
    REQUEST_CONNECTION: 'requestOrganizationConnection',
    ACCEPT_CONNECTION: 'acceptOrganizationConnection',
  }
  return names[type] ?? type.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}

const ActivityStatus = builder.enumType('ActivityStatus', {
  description: 'How it ended.',
  values: {
    COMPLETED: { description: 'It was done.' },
    FAILED: { description: 'It was refused: `failure` says why.' },
    CONSENSUS_NEEDED: { description: 'Others must agree first.' },
    REJECTED: { description: 'Others did not agree.' },
  } satisfies Record<(typeof activityStatuses)[number], object>,
})

builder.scalarType('JSON', {
  description: 'A JSON value.',
  specifiedByURL: 'https://www.rfc-editor.org/info/rfc8259',
  serialize: (value) => value,
})

const Activity = nodeRef('Activity', rowsOf<ActivityRow>('activities'))

Activity.implement({
  description: 'One call of a mutation: who wanted what, and what became of it. Needs `activity:read`.',
  fields: (t) => ({
    organization: t.field({
      type: Organization,
      description: 'In whose records it stands.',
      resolve: ({ organization_id: id }, _, context) =>
        seen(context, 'organization:read', id, Organization.loader(context).load(id)),
    }),
    actor: t.field({
      type: Actor,
      nullable: true,
      description: 'Who; null for a guest, and where the viewer may not see them.',
      resolve: ({ actor_id: id }, _, context) => (id ? loadActor(context, id) : null),
    }),
    type: t.field({
      type: ActivityType,
      description: 'What was to be done.',
      resolve: (activity) => activity.type as TypeName,
    }),
    status: t.field({
      type: ActivityStatus,
      description: 'How it ended.',
      resolve: (activity) => activity.status as StatusName,
    }),
    intent: t.field({
      type: 'JSON',
      description: 'The input, secrets left out.',
      resolve: (activity) => JSON.parse(activity.intent) as unknown,
    }),
    subjectId: t.exposeID('subject_id', {
      nullable: true,
      description: 'The id of what it made or changed; null where it failed, or made several things.',
    }),
    subjectIds: t.idList({
      description: 'The ids of all that it made or changed, in the order of the input; none where it failed.',
      resolve: ({ subject_id: one, subject_ids: many }) =>
        many ? (JSON.parse(many) as string[]) : one ? [one] : [],
    }),
    failure: t.exposeString('failure', {
      nullable: true,
      description: 'The code of the error that refused it; null where it was done.',
    }),
    fingerprint: t.exposeString('fingerprint', {
      description: 'SHA-256 of its type and intent: the same for the same wish.',
    }),
    createdAt: t.expose('created_at', { type: 'DateTime', description: 'When.' }),
  }),
})

const ActivityEdge = builder.edgeObject({
  name: 'ActivityEdge',
  description: 'An activity in a list.',
  type: Activity,
})

const ActivityConnection = builder.connectionObject(
  { name: 'ActivityConnection', description: 'A page of activities.', type: Activity },
  ActivityEdge,
)

const ActivityFilter = builder.inputType('ActivityFilter', {
  description: 'Which activities to list: those that meet every condition given.',
  fields: (t) => ({
    types: t.field({ type: [ActivityType], description: 'Of one of these types.' }),
    statuses: t.field({ type: [ActivityStatus], description: 'That ended in one of these ways.' }),
    actorId: t.id({ description: 'By this person or key.' }),
    subjectId: t.id({ description: 'That made or changed this.' }),
  }),
})

builder.objectFields(Organization, (t) => ({
  activities: t.connection(
    {
      type: Activity,
      description: 'What was done in it, and what was refused, newest first. Needs `activity:read`.',
      args: { filter: t.arg({ type: ActivityFilter, description: 'Which ones; all if left out.' }) },
      resolve: ({ id }, args, context, info) =>
        connectionOf<ActivityRow>(
          context,
          info,
          activitiesOf(args.filter),
          { id, organization_id: id },
          args,
        ),
    },
    ActivityConnection,
    ActivityEdge,
  ),
}))

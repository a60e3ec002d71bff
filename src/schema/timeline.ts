import type { InvitationStatus as Status } from '#domain/invitation.ts'
import type { Page, PageArgs } from '#domain/page.ts'
import {
  type TimelineEntry as Entry,
  type TimelineParent,
  type TimelineType,
  timelineCursor,
  timelinesOf,
} from '#domain/timeline.ts'
import { Actor, loadActor } from './actor.ts'
import { builder } from './builder.ts'
import { eventMeanings, Invitation, InvitationStatus } from './invitation.ts'
import { contextLoader } from './loader.ts'

const TimelineEntryType = builder.enumType('TimelineEntryType', {
  description: 'What can be told of an invitation: its events, what became of its e-mails, and looks.',
  values: {
    ...eventMeanings,
    MAIL_QUEUED: { description: 'An e-mail of it was put into the outbox.' },
    MAIL_FAILED: { description: 'An e-mail of it was given up: `detail` says why.' },
    PREVIEWED: { description: 'Somebody who holds its token looked at it, for the first time.' },
  } satisfies Record<TimelineType, object>,
})

const TimelineEntry = builder.objectRef<Entry>('TimelineEntry').implement({
  description: 'One thing that happened to an invitation. Needs `event:read`.',
  fields: (t) => ({
    type: t.expose('type', { type: TimelineEntryType, description: 'What happened.' }),
    actor: t.field({
      type: Actor,
      nullable: true,
      description:
        'Who did it, or had it sent; null for a guest, for what time caused, and where the viewer may not see them.',
      resolve: ({ actor_id: id }, _, context) => (id ? loadActor(context, id) : null),
    }),
    status: t.field({
      type: InvitationStatus,
      nullable: true,
      description: 'What its status became; null where it stayed.',
      resolve: (entry) => entry.status as Status | null,
    }),
    detail: t.exposeString('detail', {
      nullable: true,
      description: 'Why, for MAIL_FAILED: what the mail server said, in short.',
    }),
    at: t.expose('at', {
      type: 'DateTime',
      description: 'When it happened; for what time caused, when it was due.',
    }),
  }),
})

const TimelineEdge = builder.objectRef<Entry>('TimelineEdge').implement({
  description: 'An entry in a page of a timeline.',
  fields: (t) => ({
    cursor: t.string({ description: 'Where the entry stands: pass it as `after`.', resolve: timelineCursor }),
    node: t.field({ type: TimelineEntry, description: 'The entry.', resolve: (entry) => entry }),
  }),
})

const TimelineConnection = builder.objectRef<Page<Entry>>('TimelineConnection').implement({
  description: 'A page of a timeline.',
  fields: (t) => ({
    edges: t.expose('rows', {
      type: [TimelineEdge],
      description: 'The entries of this page, oldest first.',
    }),
    pageInfo: t.field({
      type: builder.pageInfoRef(),
      description: 'Whether there is more, and from where.',
      resolve: ({ rows: [first, ...others], hasNextPage, hasPreviousPage }) => ({
        hasNextPage,
        hasPreviousPage,
        startCursor: first ? timelineCursor(first) : null,
        endCursor: first ? timelineCursor(others.at(-1) ?? first) : null,
      }),
    }),
  }),
})

interface Wanted {
  invitation: TimelineParent
  args: Pick<PageArgs, 'first' | 'after'>
}

/** The same page of several invitations takes one statement; nothing is kept: a later mutation is seen. */
const timelines = contextLoader<Wanted, Page<Entry>, string>(
  async (wanted, context) => {
    timelines(context).clearAll()
    const pages = new Map<Wanted, Page<Entry> | Error>()
    for (const alike of Map.groupBy(wanted, ({ args }) => JSON.stringify(args)).values()) {
      const parents = alike.map(({ invitation }) => invitation)
      const found = await timelinesOf(context.store, context.viewer, parents, alike[0]?.args ?? {})
      for (const [index, page] of found.entries()) pages.set(alike[index] as Wanted, page)
    }
    return wanted.map((each) => pages.get(each) as Page<Entry> | Error)
  },
  ({ invitation, args }) => `${invitation.id} ${JSON.stringify(args)}`,
)

builder.interfaceFields(Invitation, (t) => ({
  timeline: t.field({
    type: TimelineConnection,
    description:
      'What happened to it in the order of time, from its making on: its events, what became of its e-mails, and when somebody first looked at it. Needs `event:read`.',
    args: {
      first: t.arg.int({ description: 'At most 100; 20 if left out.' }),
      after: t.arg.string({ description: 'From the start if left out.' }),
    },
    resolve: (invitation, { first, after }, context) =>
      timelines(context).load({ invitation, args: { first, after } }),
  }),
}))

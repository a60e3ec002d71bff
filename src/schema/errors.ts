import type { UserError as UserErrorShape } from '#domain/errors.ts'
import {
  AmbiguousNameError,
  ConflictError,
  type InputIssue,
  InvalidInputError,
  InvitationClosedError,
  LimitReachedError,
  NotDoneError,
  NotFoundError,
  RateLimitedError,
  UserNotActiveError,
  WrongAccountError,
} from '#domain/errors.ts'
import type { closedReasons } from '#domain/invitation.ts'
import { findById } from '#domain/lookup.ts'
import { builder } from './builder.ts'
import { Node } from './node.ts'

const UserError = builder.interfaceRef<UserErrorShape>('UserError').implement({
  description: 'An expected failure: the caller can understand it and do something about it.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'What went wrong, for programs.' }),
    message: t.exposeString('message', {
      description: 'What went wrong and what to do, for people; in English.',
    }),
  }),
})

const InputIssueType = builder.objectRef<InputIssue>('InputIssue').implement({
  description: 'One fault of an input.',
  fields: (t) => ({
    path: t.exposeStringList('path', { description: 'From the input’s root, as in `["portalIds", "0"]`.' }),
    message: t.exposeString('message', { description: 'What is wrong there, and what is expected.' }),
  }),
})

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: 'The input is not acceptable; nothing was changed. Code `INVALID_INPUT`.',
  interfaces: [UserError],
  fields: (t) => ({
    issues: t.expose('issues', { type: [InputIssueType], description: 'Every fault at once.' }),
  }),
})

builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  description: 'There is no such thing, or the viewer may not know of it. Code `NOT_FOUND`.',
  interfaces: [UserError],
})

builder.objectType(AmbiguousNameError, {
  name: 'AmbiguousNameError',
  description: 'More than one thing answers to the name. Code `AMBIGUOUS_NAME`.',
  interfaces: [UserError],
  fields: (t) => ({
    candidates: t.field({
      type: [Node],
      description: 'What answers to the name; at most 20.',
      resolve: (error) => error.candidates,
    }),
  }),
})

builder.objectType(ConflictError, {
  name: 'ConflictError',
  description:
    'It is there already, the idempotency key was used with another input, or the thing has changed meanwhile. Code `CONFLICT`.',
  interfaces: [UserError],
  fields: (t) => ({
    current: t.field({
      type: Node,
      nullable: true,
      description:
        'What stands in the way, as it is now: the invitation that is open already, or the thing that has changed; null where there is none or the viewer may not see it.',
      resolve: ({ currentId }, _, { store, viewer }) => currentId && findById(store, viewer, currentId),
    }),
  }),
})

builder.objectType(NotDoneError, {
  name: 'NotDoneError',
  description:
    'Nothing is wrong with this row, but with another one of a call that is all or nothing. Code `NOT_DONE`.',
  interfaces: [UserError],
})

builder.objectType(UserNotActiveError, {
  name: 'UserNotActiveError',
  description:
    'The user is not active: they have neither signed in nor an e-mail address. Code `USER_NOT_ACTIVE`.',
  interfaces: [UserError],
})

builder.objectType(WrongAccountError, {
  name: 'WrongAccountError',
  description:
    'The invitation is for another e-mail address than the one that the viewer is signed in with. Code `WRONG_ACCOUNT`.',
  interfaces: [UserError],
  fields: (t) => ({
    invitedEmail: t.exposeString('invitedEmail', {
      description: 'Who is invited, masked: j***@example.com.',
    }),
    viewerEmail: t.exposeString('viewerEmail', {
      nullable: true,
      description: 'The viewer’s own verified address, masked; null where there is none.',
    }),
  }),
})

builder.objectType(LimitReachedError, {
  name: 'LimitReachedError',
  description: 'The organization has as many open invitations as it may have. Code `LIMIT_REACHED`.',
  interfaces: [UserError],
  fields: (t) => ({ limit: t.exposeInt('limit', { description: 'How many it may have.' }) }),
})

builder.objectType(RateLimitedError, {
  name: 'RateLimitedError',
  description: 'Too many attempts. Code `RATE_LIMITED`.',
  interfaces: [UserError],
  fields: (t) => ({ retryAfter: t.exposeInt('retryAfter', { description: 'In seconds.' }) }),
})

export const ClosedReason = builder.enumType('ClosedReason', {
  description: 'Why an invitation cannot be accepted, or not be changed as was wished.',
  values: {
    NOT_YET_VALID: { description: 'Its window has not opened yet.' },
    ALREADY_ACCEPTED: { description: 'It was accepted by the one it was addressed to.' },
    DECLINED: { description: 'It was declined by the one it was addressed to.' },
    EXHAUSTED: { description: 'Every use that it allowed is spent.' },
    EXPIRED: { description: 'Its window has ended.' },
    REVOKED: { description: 'It was taken back.' },
    ARCHIVED: { description: 'It was put away.' },
    ROLE_NOT_GRANTABLE: { description: 'Whoever gave it may not give its role any more.' },
  } satisfies Record<(typeof closedReasons)[number], object>,
})

builder.objectType(InvitationClosedError, {
  name: 'InvitationClosedError',
  description: 'The invitation can no longer, or not yet, be used or changed so. Code `INVITATION_CLOSED`.',
  interfaces: [UserError],
  fields: (t) => ({
    reason: t.expose('reason', { type: ClosedReason, description: 'Why.' }),
    opensAt: t.expose('opensAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it opens, for NOT_YET_VALID.',
    }),
    closedAt: t.expose('closedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it closed, where known.',
    }),
  }),
})

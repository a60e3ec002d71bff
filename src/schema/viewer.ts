import { isSignedIn, targetOf, type Viewer as ViewerShape } from '#domain/access.ts'
import { Actor, loadActor } from './actor.ts'
import { builder } from './builder.ts'
import { Organization } from './organization.ts'
import { Allowance, allowance, Permission, Role } from './permission.ts'

export const Viewer = builder.objectRef<ViewerShape>('Viewer').implement({
  description: 'Who makes this call, and what they may do.',
  fields: (t) => ({
    actor: t.field({
      type: Actor,
      nullable: true,
      description: 'The person or key; null without credentials.',
      resolve: (viewer, _, context) =>
        viewer.kind === 'anonymous' ? null : loadActor(context, viewer.actorId),
    }),
    organization: t.field({
      type: Organization,
      nullable: true,
      description: 'The organization that the call is made by; null for those who belong to none.',
      resolve: (viewer, _, context) =>
        isSignedIn(viewer) ? Organization.loader(context).load(viewer.organizationId) : null,
    }),
    target: t.field({
      type: Organization,
      nullable: true,
      description:
        'The organization that the call is made for, by Target-Organization-ID; else the viewer’s own.',
      resolve: (viewer, _, context) =>
        isSignedIn(viewer) ? Organization.loader(context).load(targetOf(viewer)) : null,
    }),
    role: t.field({
      type: Role,
      nullable: true,
      description: 'What the viewer is in their organization; null for those who belong to none.',
      resolve: (viewer) => (isSignedIn(viewer) ? viewer.role : null),
    }),
    can: t.field({
      type: Allowance,
      description: 'Whether the viewer may do this in the organization that the call is made for.',
      args: { action: t.arg({ type: Permission, required: true, description: 'What.' }) },
      resolve: (viewer, { action }) =>
        allowance(viewer, action, isSignedIn(viewer) ? targetOf(viewer) : undefined),
    }),
  }),
})

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    description: 'Who makes this call, and what they may do. Public.',
    resolve: (_, __, { viewer }) => viewer,
  }),
)

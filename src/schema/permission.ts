import type { Needed, Permission as PermissionName } from '#domain/access.ts'
import { type Role as RoleName, refusalOf, type Viewer } from '#domain/access.ts'
import { InvitationClosedError, Refusal, UserError } from '#domain/errors.ts'
import type { Closed } from '#domain/invitation.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'

/** What each permission allows, in words. */
const meanings: Record<PermissionName, string> = {
  'organization:read': 'See the organization.',
  'organization:create': 'Make organizations: below one’s own, or at the top for an OPERATOR.',
  'integration:read': 'See integrations.',
  'integration:create': 'Make integrations.',
  'portal:read': 'See portals.',
  'portal:create': 'Make portals.',
  'invite:read': 'See access invites.',
  'invite:create': 'Make access invites.',
  'invite:update': 'Change and restore access invites, and make their links anew.',
  'invite:revoke': 'Take access invites back.',
  'grant:read': 'See who has accepted access invites.',
  'opening:read': 'See who has tried to open portals.',
  'guestInvitation:read': 'See guest invitations.',
  'guestInvitation:create':
    'Invite guest organizations; takes what connected organizations see of each other as well.',
  'guestInvitation:update': 'Change, resend, archive and unarchive guest invitations.',
  'guestInvitation:revoke': 'Take guest invitations back.',
  'guestInvitation:acceptFor': 'Accept a guest invitation for one’s organization.',
  'memberInvitation:read': 'See member invitations.',
  'memberInvitation:create': 'Invite members.',
  'memberInvitation:update': 'Change and resend member invitations.',
  'memberInvitation:revoke': 'Take member invitations back.',
  'joinLink:read': 'See join links, not their secrets.',
  'joinLink:create': 'Make join links.',
  'joinLink:update': 'Change and revive join links, and make their secrets anew.',
  'joinLink:revoke': 'Take join links back.',
  'event:read': 'Read and follow the event log.',
  'apiKey:read': 'See API keys, not their secrets.',
  'apiKey:create': 'Make and rotate API keys.',
  'apiKey:revoke': 'Revoke API keys.',
  'member:read': 'See members.',
  'member:update': 'Change what members are.',
  'member:remove': 'Remove members.',
  'member:welcome': 'Send members welcome messages.',
  'connection:read': 'See which organizations are connected.',
  'connection:request': 'Ask other organizations to be connected.',
  'connection:accept': 'Accept connections.',
  'connection:disconnect': 'End connections.',
  'activity:read': 'See what was done, and by whom.',
  'organization:update': 'Change the organization’s name and colour.',
}

/** `invite:create` as GraphQL names it: INVITE_CREATE. */
const enumName = (permission: string) =>
  permission
    .replace(/(?<=[a-z])[A-Z]/g, '_$&')
    .replace(':', '_')
    .toUpperCase()

export const Permission = builder.enumType('Permission', {
  description:
    'What can be allowed: a noun and a verb, as descriptions name them (`invite:create` is INVITE_CREATE).',
  values: Object.fromEntries(
    Object.entries(meanings).map(([value, description]) => [
      enumName(value),
      { value: value as PermissionName, description },
    ]),
  ) as Record<string, { value: PermissionName; description: string }>,
})

export const Role = builder.enumType('Role', {
  description: 'What a member or a key is in its organization.',
  values: {
    ORG_ADMIN: { description: 'May do everything in the organization.' },
    PORTAL_ADMIN: { description: 'Manages integrations, portals and access invites.' },
    ORG_MEMBER: { description: 'Creates access invites; sees everything but keys and activities.' },
    ORG_VIEWER: { description: 'Reads.' },
    GUEST: { description: 'Sees only what was granted.' },
    OPERATOR: {
      description: 'Runs the installation: founds organizations, and sees nothing of what is in them.',
    },
  } satisfies Record<RoleName, object>,
})

interface Verdict {
  allowed: boolean
  code: string | null
  reason: string | null
}

export const Allowance = builder.objectRef<Verdict>('Allowance').implement({
  description: 'Whether the viewer may do something now, and if not, why not: for the buttons of a frontend.',
  fields: (t) => ({
    allowed: t.exposeBoolean('allowed', { description: 'Whether it would be allowed now.' }),
    code: t.exposeString('code', {
      nullable: true,
      description: 'Why not, for programs: FORBIDDEN, CONFLICT or a ClosedReason; null where it is allowed.',
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Why not, for people; null where it is allowed.',
    }),
  }),
})

/** The verdict on doing this to something of the organization that may be closed, or not be ready for it. */
export function allowance(
  viewer: Viewer,
  needed: Needed,
  organizationId?: string,
  obstacle?: Closed | UserError | Refusal | undefined,
): Verdict {
  const refusal = refusalOf(viewer, needed, organizationId)
  if (refusal) return { allowed: false, code: refusal.code, reason: refusal.message }
  if (!obstacle) return { allowed: true, code: null, reason: null }
  const isError = obstacle instanceof UserError || obstacle instanceof Refusal
  const error = isError ? obstacle : new InvitationClosedError(obstacle)
  const code = error instanceof InvitationClosedError ? error.reason : error.code
  return { allowed: false, code, reason: error.message }
}

/**
 * What a field refers to that cannot be null: refused where it is not there because the viewer may not see
 * such things in the organization. What a token shows its holder is at hand without.
 */
export const seen = <Thing>(
  { viewer }: Context,
  permission: PermissionName,
  organizationId: string,
  thing: Promise<Thing | null>,
): Promise<Thing> =>
  thing.then((found) => {
    if (found && !(Array.isArray(found) && found.length === 0)) return found
    throw (
      refusalOf(viewer, permission, organizationId) ??
      new Refusal('NOT_FOUND', 'What this refers to is gone.')
    )
  })

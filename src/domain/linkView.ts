import type { Organization, Portal } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { headOf } from './follow.ts'
import { portalsOfInvite } from './grant.ts'
import type { Closed } from './invitation.ts'
import { grantClosed } from './invite.ts'
import { bestMatch, messagesOf } from './locales.ts'
import { LogFollower } from './logFollower.ts'
import { glanceAtInvitation, type InvitationPreview } from './preview.ts'
import { hashSecret, kindOfSecret } from './secrets.ts'
import type { Store } from './store.ts'

/** All that whoever opens a link may see. */
export interface LinkView {
  preview: InvitationPreview
  organization: Pick<Organization, 'id' | 'name' | 'color'>
  /** What it opens, in its order. */
  portals: Pick<Portal, 'id' | 'name'>[]
  /** What was granted to them before, if it was; closed where it no longer holds. */
  grant: { token: string; guestName: string | null; closed: Closed | undefined } | null
}

/** Looks at what a link is for, and at what its holder was granted by it. Changes nothing; null for a link of nobody's. */
export async function viewLink(
  store: Store,
  viewer: Viewer,
  token: string,
  grantToken: string | undefined,
): Promise<LinkView | null> {
  const preview = await glanceAtInvitation(store, viewer, token)
  if (!preview) return null
  const { invite, invitation } = preview
  if (!invite) {
    return { preview, organization: await sender(store, invitation), portals: [], grant: null }
  }
  const grant = await grantOfInvite(store, invite.id, grantToken)
  return {
    preview,
    organization: await sender(store, invitation),
    portals: await portalsOfInvite(store, invite.id),
    grant: grant && { ...grant, closed: grantClosed(invite, store.now()) },
  }
}

/** What the inviter says, in the language that suits the reader best. */
export const messageOf = ({ invite, message }: InvitationPreview, locales: readonly string[]) =>
  invite ? bestMatch(messagesOf(invite), locales) : message

const sender = ({ db }: Store, { organization_id }: { organization_id: string }) =>
  db
    .selectFrom('organizations')
    .select(['id', 'name', 'color'])
    .where('id', '=', organization_id)
    .executeTakeFirstOrThrow()

/** The grant, if it is one of this invite. No guess at it is counted: it comes beside the link's own token. */
async function grantOfInvite({ db }: Store, inviteId: string, token: string | undefined) {
  if (!token || kindOfSecret(token) !== 'grant') return null
  const grant = await db
    .selectFrom('access_grants')
    .select('guest_name')
    .where('token_hash', '=', hashSecret(token))
    .where('invite_id', '=', inviteId)
    .executeTakeFirst()
  return grant ? { token, guestName: grant.guest_name } : null
}

/** What happens from now on to the invitation that was looked at; nothing that happens to others. */
export async function followLink(
  store: Store,
  viewer: Viewer,
  { preview: { invitation } }: LinkView,
): Promise<LogFollower> {
  const { id, organization_id: organizationId } = invitation
  const position = await headOf(store, organizationId)
  return new LogFollower(store, viewer, organizationId, position, { invitationIds: [id] })
}

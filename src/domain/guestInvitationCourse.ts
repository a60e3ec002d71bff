import type { GuestInvitation, NewRow } from '#db/tables.ts'
import { organizationsOf, type Permission, type Viewer } from './access.ts'
import { ConflictError, NotFoundError } from './errors.ts'
import { guestInvitationClosed, guestInvitationStatus, settleGuestInvitation } from './guestInvitation.ts'
import { type EventType, stale } from './invitation.ts'
import { refuseTooManyOpen } from './openInvitations.ts'
import type { Tx } from './store.ts'
import { acceptBySystem, connectedGuest } from './systemAcceptance.ts'

/** The invitation as it is now, time's own doings recorded, for somebody who may do this to it. */
export async function ownGuestInvitation(
  tx: Tx,
  viewer: Viewer,
  permission: Permission,
  id: string,
): Promise<GuestInvitation> {
  const invitation = await tx.db
    .selectFrom('guest_invitations')
    .selectAll()
    .where('id', '=', id)
    .where('organization_id', 'in', organizationsOf(viewer, permission))
    .executeTakeFirst()
  if (!invitation) throw new NotFoundError('There is no such guest invitation.')
  return settleGuestInvitation(tx, invitation)
}

type Addressed = Pick<GuestInvitation, 'organization_id' | 'email_key'>

/**
 * Refuses to open an invitation where one is open for this address, or where the organization has all it may
 * have open; tells of a guest with whom nothing is left to open.
 */
export async function makeRoom(tx: Tx, addressed: Addressed): Promise<{ connectedId: string | undefined }> {
  const { organization_id, email_key } = addressed
  const blocking = await tx.db
    .selectFrom('guest_invitations')
    .selectAll()
    .where('organization_id', '=', organization_id)
    .where('email_key', '=', email_key)
    .where('closed', '=', 0)
    .executeTakeFirst()
  if (blocking && (await settleGuestInvitation(tx, blocking)).closed === 0) throw openAlready(blocking)
  const connectedId = await connectedGuest(tx, organization_id, email_key)
  if (!connectedId) await refuseTooManyOpen(tx, organization_id)
  return { connectedId }
}

/** Says that the address has an open invitation, and what may be done about it. */
export const openAlready = (current: { id: string }) =>
  new ConflictError(
    'An invitation to this e-mail address is open already, `current`: resend it, or revoke or archive it first.',
    current,
  )

/**
 * Writes and records what people change of an invitation. One that is open again by it must find room, and is
 * accepted at once where nothing is left to accept.
 */
export async function changeGuestInvitation(
  tx: Tx,
  invitation: GuestInvitation,
  type: EventType,
  change: Partial<NewRow<'guest_invitations'>>,
): Promise<GuestInvitation> {
  const next = { ...invitation, ...change }
  const status = guestInvitationStatus(next, tx.now)
  const isOpen = guestInvitationClosed(next, tx.now) === undefined
  const opening = isOpen && invitation.closed === 1 ? await makeRoom(tx, invitation) : undefined
  const changed = await tx.db
    .updateTable('guest_invitations')
    .set({
      ...change,
      closed: isOpen ? 0 : 1,
      due_at: status === 'PENDING' ? next.expires_at : null,
      updated_at: tx.now,
      version: invitation.version + 1,
    })
    .where('id', '=', invitation.id)
    .where('version', '=', invitation.version)
    .returningAll()
    .executeTakeFirst()
  if (!changed) throw stale(invitation)
  tx.due(changed.due_at)
  tx.record({
    organizationId: invitation.organization_id,
    invitationId: invitation.id,
    type,
    status,
    previousStatus: guestInvitationStatus(invitation, tx.now),
  })
  return opening?.connectedId ? acceptBySystem(tx, changed, opening.connectedId) : changed
}

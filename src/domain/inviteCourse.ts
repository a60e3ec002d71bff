import type { Invite, NewRow } from '#db/tables.ts'
import { organizationsOf, type Permission, type Viewer } from './access.ts'
import { NotFoundError } from './errors.ts'
import { type EventType, stale } from './invitation.ts'
import { inviteStatus, nextDue, settleInvite } from './invite.ts'
import type { Tx } from './store.ts'

/** The invite as it is now, time's own doings recorded, for somebody who may do this to it. */
export async function ownInvite(tx: Tx, viewer: Viewer, permission: Permission, id: string): Promise<Invite> {
  const invite = await tx.db
    .selectFrom('invites')
    .selectAll()
    .where('id', '=', id)
    .where('organization_id', 'in', organizationsOf(viewer, permission))
    .executeTakeFirst()
  if (!invite) throw new NotFoundError('There is no such invite.')
  return settleInvite(tx, invite)
}

/** Writes and records what people change of an invite, and when time is to change it next. */
export async function changeInvite(
  tx: Tx,
  invite: Invite,
  type: EventType,
  change: Partial<NewRow<'invites'>>,
): Promise<Invite> {
  const due_at = nextDue({ ...invite, ...change }, tx.now)
  const changed = await tx.db
    .updateTable('invites')
    .set({ ...change, due_at, updated_at: tx.now, version: invite.version + 1 })
    .where('id', '=', invite.id)
    .where('version', '=', invite.version)
    .returningAll()
    .executeTakeFirst()
  if (!changed) throw stale(invite)
  tx.due(due_at)
  tx.record({
    organizationId: invite.organization_id,
    invitationId: invite.id,
    type,
    status: inviteStatus(changed, tx.now),
    previousStatus: inviteStatus(invite, tx.now),
  })
  return changed
}

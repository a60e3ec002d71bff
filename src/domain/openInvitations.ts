import type { GuestInvitation, MemberInvitation } from '#db/tables.ts'
import { LimitReachedError } from './errors.ts'
import type { Tx } from './store.ts'

/** Records, once, that the invitation has expired, whoever comes first, the clock or a later change. */
export async function settleExpiry<Row extends GuestInvitation | MemberInvitation>(
  tx: Tx,
  table: 'guest_invitations' | 'member_invitations',
  invitation: Row,
): Promise<Row> {
  if (invitation.due_at === null || invitation.due_at > tx.now) return invitation
  const { numUpdatedRows } = await tx.db
    .updateTable(table)
    .set({ due_at: null, closed: 1 })
    .where('id', '=', invitation.id)
    .where('due_at', '=', invitation.due_at)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows > 0n) {
    tx.record({
      organizationId: invitation.organization_id,
      invitationId: invitation.id,
      type: 'EXPIRED',
      status: 'EXPIRED',
      previousStatus: 'PENDING',
      occurredAt: invitation.expires_at,
    })
  }
  return { ...invitation, due_at: null, closed: 1 }
}

/** Refuses one more where the organization has all the guest and member invitations that it may have open. */
export async function refuseTooManyOpen(tx: Tx, organizationId: string) {
  let open = 0
  for (const table of ['guest_invitations', 'member_invitations'] as const) {
    const { count } = await tx.db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('organization_id', '=', organizationId)
      .where('closed', '=', 0)
      .where('expires_at', '>', tx.now)
      .executeTakeFirstOrThrow()
    open += count
  }
  if (open >= tx.limits.openInvitations) throw new LimitReachedError(tx.limits.openInvitations)
}

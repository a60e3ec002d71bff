import { LimitReachedError } from './errors.ts'
import type { Tx } from './store.ts'

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

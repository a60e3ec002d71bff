import { sql } from 'kysely'
import type { GuestInvitation } from '#db/tables.ts'
import { guestInvitationStatus, settleGuestInvitation } from './guestInvitation.ts'
import type { Tx } from './store.ts'
import { hasProvedAddress } from './userAdoption.ts'

// Whom one is connected with already need not be invited: an organization answers to the verified addresses
// of its administrators, and to those by which it accepted earlier invitations of the same host.

/** The organization that answers to this address and is connected with the host, if there is one. */
export async function connectedGuest(tx: Tx, hostId: string, emailKey: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select guest.id from (
      select memberships.organization_id as id from users
      join memberships on memberships.user_id = users.id
      where users.email_key = ${emailKey} and ${hasProvedAddress} and memberships.role = 'ORG_ADMIN' and memberships.removed_at is null
      union
      select guest_organization_id from guest_invitations
      where organization_id = ${hostId} and email_key = ${emailKey} and accepted_at is not null
    ) as guest
    join organization_connections as connection on connection.accepted_at is not null
      and (connection.host_id = ${hostId} and connection.guest_id = guest.id
        or connection.guest_id = ${hostId} and connection.host_id = guest.id)
    order by connection.accepted_at, guest.id limit 1`.execute(tx.db)
  return rows[0]?.id
}

/** Closes an open invitation of whom nothing is left to accept. */
export async function acceptBySystem(
  tx: Tx,
  invitation: GuestInvitation,
  guestId: string,
): Promise<GuestInvitation> {
  const accepted = await tx.db
    .updateTable('guest_invitations')
    .set({
      accepted_at: tx.now,
      accepted_via: 'SYSTEM',
      guest_organization_id: guestId,
      updated_at: tx.now,
      due_at: null,
      closed: 1,
    })
    .where('id', '=', invitation.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  tx.record({
    organizationId: invitation.organization_id,
    invitationId: invitation.id,
    type: 'ACCEPTED',
    status: 'ACCEPTED',
    previousStatus: guestInvitationStatus(invitation, tx.now),
    actorId: null,
  })
  return accepted
}

/** Closes the open invitations of either to the other, now that the two are connected. */
export async function acceptBetween(tx: Tx, one: string, other: string) {
  await acceptFrom(tx, one, other)
  await acceptFrom(tx, other, one)
}

async function acceptFrom(tx: Tx, hostId: string, guestId: string) {
  const open = await tx.db
    .selectFrom('guest_invitations')
    .selectAll()
    .where('organization_id', '=', hostId)
    .where('closed', '=', 0)
    .where(sql<boolean>`email_key in (
      select users.email_key from memberships join users on users.id = memberships.user_id
      where memberships.organization_id = ${guestId} and users.email_key is not null and ${hasProvedAddress}
        and memberships.role = 'ORG_ADMIN' and memberships.removed_at is null
      union
      select email_key from guest_invitations
      where organization_id = ${hostId} and guest_organization_id = ${guestId} and accepted_at is not null
    )`)
    .orderBy('id')
    .execute()
  for (const invitation of open) {
    const settled = await settleGuestInvitation(tx, invitation)
    if (settled.closed === 0) await acceptBySystem(tx, settled, guestId)
  }
}

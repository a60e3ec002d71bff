import { z } from 'zod'
import type { GuestInvitation, Organization } from '#db/tables.ts'
import { authorize, type Viewer } from './access.ts'
import { createApiKey } from './apiKey.ts'
import { InvalidInputError, InvitationClosedError, NotFoundError } from './errors.ts'
import { guestInvitationClosed, settleGuestInvitation } from './guestInvitation.ts'
import { newId } from './ids.ts'
import { name } from './inputs.ts'
import { insertOrganization } from './organization.ts'
import { hashSecret, kindOfSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'

export const acceptGuestInvitationInput = z.object({
  token: z.string(),
  organizationName: name('The organization’s name'),
})
export type AcceptGuestInvitationInput = z.infer<typeof acceptGuestInvitationInput>

export interface AcceptedGuestInvitation {
  guestInvitation: GuestInvitation
  /** The guest. */
  organization: Organization
  host: Organization
  /** The first key of an organization that was made; null where one joined that was there already. */
  apiKey: string | null
}

/**
 * Accepts for the organization that the viewer acts for; for a caller without a key, who got the token by
 * the invited mailbox, makes the guest organization. Either way it is connected with the host.
 */
export function acceptGuestInvitation(
  store: Store,
  viewer: Viewer,
  input: AcceptGuestInvitationInput,
): Promise<AcceptedGuestInvitation> {
  if (viewer.kind !== 'anonymous') authorize(viewer, 'guestInvitation:acceptFor')
  return store.write(async (tx) => {
    const invitation = await settleGuestInvitation(tx, await invitationOf(tx, input.token))
    const closed = guestInvitationClosed(invitation, tx.now)
    if (closed) throw new InvitationClosedError(closed)
    const host = await organizationById(tx, invitation.organization_id)
    const guest =
      viewer.kind === 'anonymous'
        ? await newGuest(tx, invitation, input.organizationName)
        : { organization: await joiningGuest(tx, viewer.organizationId, host), apiKey: null }

    const guestInvitation = await tx.db
      .updateTable('guest_invitations')
      .set({
        accepted_at: tx.now,
        accepted_via: 'GUEST',
        guest_organization_id: guest.organization.id,
        updated_at: tx.now,
        due_at: null,
        closed: 1,
      })
      .where('id', '=', invitation.id)
      .where('closed', '=', 0)
      .returningAll()
      .executeTakeFirst()
    if (!guestInvitation) throw new InvitationClosedError({ reason: 'ALREADY_ACCEPTED' })
    await tx.db
      .insertInto('organization_connections')
      .values({
        id: newId('OrganizationConnection'),
        host_id: host.id,
        guest_id: guest.organization.id,
        created_at: tx.now,
      })
      .onConflict((conflict) => conflict.columns(['host_id', 'guest_id']).doNothing())
      .execute()
    tx.record({
      organizationId: host.id,
      invitationId: invitation.id,
      type: 'ACCEPTED',
      status: 'ACCEPTED',
      previousStatus: 'PENDING',
    })
    return { guestInvitation, host, ...guest }
  })
}

async function invitationOf(tx: Tx, token: string): Promise<GuestInvitation> {
  const invitation =
    kindOfSecret(token) === 'guestInvitation'
      ? await tx.db
          .selectFrom('guest_invitations')
          .selectAll()
          .where('token_hash', '=', hashSecret(token))
          .executeTakeFirst()
      : undefined
  if (!invitation) throw new NotFoundError('No invitation belongs to this token.')
  return invitation
}

async function newGuest(tx: Tx, invitation: GuestInvitation, organizationName: string) {
  const organization = await insertOrganization(tx, organizationName, invitation.parent_organization_id)
  if (!organization) {
    throw new InvalidInputError([
      { path: ['organizationName'], message: 'This name is taken: choose another.' },
    ])
  }
  const key = await createApiKey(tx, { organizationId: organization.id, role: 'ORG_ADMIN' })
  return { organization, apiKey: key.secret }
}

async function joiningGuest(tx: Tx, organizationId: string, host: Organization) {
  if (organizationId === host.id) {
    throw new InvalidInputError([
      { path: ['token'], message: 'This invitation is your own organization’s: another one must accept it.' },
    ])
  }
  return organizationById(tx, organizationId)
}

const organizationById = (tx: Tx, id: string): Promise<Organization> =>
  tx.db.selectFrom('organizations').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

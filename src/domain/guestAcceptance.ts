import { z } from 'zod'
import type { GuestInvitation, Organization } from '#db/tables.ts'
import { authorize, isSignedIn, type Viewer } from './access.ts'
import { isBetween } from './acting.ts'
import { performByToken } from './activity.ts'
import { boundsOfInvitation, insertApiKey } from './apiKey.ts'
import { InvalidInputError, InvitationClosedError, NotFoundError } from './errors.ts'
import { guestInvitationClosed, settleGuestInvitation } from './guestInvitation.ts'
import { newId } from './ids.ts'
import { name } from './inputs.ts'
import { refuseClosed } from './invitation.ts'
import { hasToken } from './links.ts'
import { insertMembership } from './member.ts'
import { insertOrganization } from './organization.ts'
import { hashSecret, kindOfSecret, newSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'
import { acceptBetween } from './systemAcceptance.ts'

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
 * Accepts for the organization that the viewer acts for; for a caller who acts for none, and got the token
 * by the invited mailbox, makes the guest organization, of which a person who has signed in becomes the
 * first ORG_ADMIN. Either way it is connected with the host.
 */
export async function acceptGuestInvitation(
  store: Store,
  viewer: Viewer,
  { token, organizationName }: AcceptGuestInvitationInput,
  firstKey = newSecret('apiKey'),
): Promise<AcceptedGuestInvitation> {
  const { organization_id: hostId, id } = known(
    await store.throttle.lookUp(viewer, () => invitationOf(store, token, store.now())),
  )
  return performByToken<AcceptedGuestInvitation>(
    store,
    viewer,
    {
      type: 'ACCEPT_GUEST_INVITATION',
      organizationId: hostId,
      intent: { id, organizationName },
      replay: (tx, invitationId) => acceptedAgain(tx, invitationId),
    },
    async (tx) => {
      if (isSignedIn(viewer)) authorize(viewer, 'guestInvitation:acceptFor')
      const invitation = await settleGuestInvitation(tx, known(await invitationOf(tx, token, tx.now)))
      refuseClosed(guestInvitationClosed(invitation, tx.now))
      const host = await organizationById(tx, hostId)
      const guest = isSignedIn(viewer)
        ? { organization: await joiningGuest(tx, viewer.organizationId, host), apiKey: null }
        : await newGuest(tx, viewer, invitation, organizationName, firstKey)
      const guestInvitation = await close(tx, invitation, guest.organization)
      await connect(tx, host, guest.organization)
      tx.record({
        organizationId: host.id,
        invitationId: invitation.id,
        type: 'ACCEPTED',
        status: 'ACCEPTED',
        previousStatus: 'PENDING',
      })
      await acceptBetween(tx, host.id, guest.organization.id)
      return { subjectId: id, result: { guestInvitation, host, ...guest } }
    },
  )
}

async function acceptedAgain(tx: Tx, id: string): Promise<AcceptedGuestInvitation> {
  const guestInvitation = await tx.db
    .selectFrom('guest_invitations')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const { organization_id: hostId, guest_organization_id: guestId } = guestInvitation
  const host = await organizationById(tx, hostId)
  return { guestInvitation, host, organization: await organizationById(tx, guestId ?? hostId), apiKey: null }
}

async function close(tx: Tx, { id }: GuestInvitation, guest: Organization): Promise<GuestInvitation> {
  const closed = await tx.db
    .updateTable('guest_invitations')
    .set({
      accepted_at: tx.now,
      accepted_via: 'GUEST',
      guest_organization_id: guest.id,
      updated_at: tx.now,
      due_at: null,
      closed: 1,
    })
    .where('id', '=', id)
    .where('closed', '=', 0)
    .returningAll()
    .executeTakeFirst()
  if (!closed) throw new InvitationClosedError({ reason: 'ALREADY_ACCEPTED' })
  return closed
}

/** Connects the two; where one had asked for it already, whichever it was, that is accepted. */
async function connect(tx: Tx, host: Organization, guest: Organization) {
  const { numUpdatedRows } = await tx.db
    .updateTable('organization_connections')
    .set((eb) => ({ accepted_at: eb.fn.coalesce('accepted_at', eb.val(tx.now)) }))
    .where(isBetween(host.id, guest.id))
    .executeTakeFirst()
  if (numUpdatedRows > 0n) return
  await tx.db
    .insertInto('organization_connections')
    .values({
      id: newId('OrganizationConnection'),
      host_id: host.id,
      guest_id: guest.id,
      created_at: tx.now,
      accepted_at: tx.now,
      host_allows: '[]',
      guest_allows: '[]',
    })
    .execute()
}

async function invitationOf(
  { db }: Pick<Store, 'db'>,
  token: string,
  now: number,
): Promise<GuestInvitation | undefined> {
  if (kindOfSecret(token) !== 'guestInvitation') return undefined
  return db
    .selectFrom('guest_invitations')
    .selectAll()
    .where(hasToken(hashSecret(token), now))
    .executeTakeFirst()
}

function known(invitation: GuestInvitation | undefined): GuestInvitation {
  if (!invitation) throw new NotFoundError('No invitation belongs to this token.')
  return invitation
}

async function newGuest(
  tx: Tx,
  viewer: Viewer,
  invitation: GuestInvitation,
  organizationName: string,
  firstKey: string,
) {
  const organization = await insertOrganization(tx, organizationName, invitation.parent_organization_id)
  if (!organization) {
    throw new InvalidInputError([
      { path: ['organizationName'], message: 'This name is taken: choose another.' },
    ])
  }
  const isPerson = viewer.kind === 'newcomer'
  if (isPerson) {
    const founder = { organizationId: organization.id, userId: viewer.actorId }
    await insertMembership(tx, { ...founder, role: 'ORG_ADMIN', accessType: 'ALL' })
  }
  const bounds = isPerson ? {} : await boundsOfInvitation(tx, invitation)
  await insertApiKey(tx, { organizationId: organization.id, role: 'ORG_ADMIN', ...bounds }, firstKey)
  return { organization, apiKey: firstKey }
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

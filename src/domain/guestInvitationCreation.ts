import { z } from 'zod'
import type { GuestInvitation } from '#db/tables.ts'
import { maySee, type SignedIn, toShowGuestLink, type Viewer } from './access.ts'
import { perform } from './activity.ts'
import { type Batch, performBatch } from './batch.ts'
import { NotFoundError } from './errors.ts'
import { guestInvitationById } from './guestInvitation.ts'
import { makeRoom } from './guestInvitationCourse.ts'
import { newId } from './ids.ts'
import { bulkRows, email, emailText, idempotencyKey, idOf, parsedRow, refuseFaults, text } from './inputs.ts'
import { expiryFaults } from './invitation.ts'
import { queueMail } from './mail.ts'
import { emailKey, normalizeEmail } from './names.ts'
import { targetOrganization } from './organization.ts'
import { hashSecret, newSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'
import { acceptBySystem } from './systemAcceptance.ts'

/** What the e-mail says in the inviter's own words. */
export const guestMessage = text('The message', 2000)

const fields = {
  expiresAt: z.number(),
  parentOrganizationId: idOf('Organization').nullish(),
  locale: z.string().nullish(),
  message: guestMessage.nullish(),
}
const newGuestInvitation = z.object({ email: emailText, ...fields })
type NewGuestInvitation = z.infer<typeof newGuestInvitation>

export const createGuestInvitationInput = z.object({
  organizationId: idOf('Organization').nullish(),
  email,
  ...fields,
  sendEmail: z.boolean().nullish(),
  idempotencyKey,
})
export type CreateGuestInvitationInput = z.infer<typeof createGuestInvitationInput>

export interface CreatedGuestInvitation {
  guestInvitation: GuestInvitation
  /** The secret of the link; null where an earlier call made it, and where nothing is left to accept. */
  token: string | null
  replayed: boolean
}

/** Invites another organization, by the e-mail address of somebody there, to join as the host's guest. */
export function createGuestInvitation(
  store: Store,
  viewer: Viewer,
  { idempotencyKey: key, organizationId: named, ...input }: CreateGuestInvitationInput,
): Promise<CreatedGuestInvitation> {
  return perform<CreatedGuestInvitation>(
    store,
    viewer,
    toShowGuestLink('guestInvitation:create'),
    {
      type: 'CREATE_GUEST_INVITATION',
      intent: { ...input, email: normalizeEmail(input.email) },
      idempotencyKey: key,
      replay: linkedEarlier,
    },
    async (tx, actor) => {
      const organizationId = targetOrganization(actor, named)
      const result = await invite(tx, actor, organizationId, input, input.sendEmail ?? true)
      return { subjectId: result.guestInvitation.id, result }
    },
  )
}

export const createGuestInvitationsInput = z.object({
  guestInvitations: bulkRows('guestInvitations'),
  sendEmail: z.boolean().nullish(),
  atomic: z.boolean().nullish(),
  idempotencyKey,
})
export type CreateGuestInvitationsInput = z.infer<typeof createGuestInvitationsInput>

/** Invites several, each by itself unless it is all or nothing. */
export function createGuestInvitations(
  store: Store,
  viewer: Viewer,
  { guestInvitations, idempotencyKey: key, ...how }: CreateGuestInvitationsInput,
): Promise<Batch<CreatedGuestInvitation>> {
  return performBatch<unknown, CreatedGuestInvitation>(
    store,
    viewer,
    toShowGuestLink('guestInvitation:create'),
    { type: 'CREATE_GUEST_INVITATIONS', intent: { guestInvitations, ...how }, idempotencyKey: key },
    {
      rows: guestInvitations,
      atomic: how.atomic ?? false,
      path: 'guestInvitations',
      make: (tx, actor, row) =>
        invite(
          tx,
          actor,
          targetOrganization(actor, null),
          parsedRow(newGuestInvitation, row),
          how.sendEmail ?? true,
        ),
      idOf: ({ guestInvitation }) => guestInvitation.id,
      replayOf: linkedEarlier,
    },
  )
}

/** The invitation that an earlier call made or sent, without its link. */
export const linkedEarlier = async (tx: Tx, id: string): Promise<CreatedGuestInvitation> => ({
  guestInvitation: await guestInvitationById(tx, id),
  token: null,
  replayed: true,
})

async function invite(
  tx: Tx,
  actor: SignedIn,
  organizationId: string,
  input: NewGuestInvitation,
  sendEmail: boolean,
): Promise<CreatedGuestInvitation> {
  const parentId = input.parentOrganizationId ?? null
  if (parentId && !maySee(actor, 'organization:create', parentId)) {
    throw new NotFoundError('There is no such parent organization, or it is not yours.')
  }
  refuseFaults(expiryFaults(input.expiresAt, tx.now))
  const room = await makeRoom(tx, { organization_id: organizationId, email_key: emailKey(input.email) })

  const token = newSecret('guestInvitation')
  const guestInvitation = await insert(tx, actor, organizationId, input, token)
  tx.due(guestInvitation.due_at)
  tx.record({
    organizationId,
    invitationId: guestInvitation.id,
    type: 'CREATED',
    status: 'PENDING',
    previousStatus: null,
  })
  if (room.connectedId) {
    const accepted = await acceptBySystem(tx, guestInvitation, room.connectedId)
    return { guestInvitation: accepted, token: null, replayed: false }
  }
  if (sendEmail) await mailGuestInvitation(tx, guestInvitation)
  return { guestInvitation, token, replayed: false }
}

const insert = (
  tx: Tx,
  actor: SignedIn,
  organizationId: string,
  input: NewGuestInvitation,
  token: string,
): Promise<GuestInvitation> =>
  tx.db
    .insertInto('guest_invitations')
    .values({
      id: newId('GuestInvitation'),
      organization_id: organizationId,
      parent_organization_id: input.parentOrganizationId ?? null,
      email: normalizeEmail(input.email),
      email_key: emailKey(input.email),
      token_hash: hashSecret(token),
      first_sent_at: tx.now,
      last_sent_at: tx.now,
      expires_at: input.expiresAt,
      accepted_at: null,
      accepted_via: null,
      guest_organization_id: null,
      archived_at: null,
      locale: input.locale ?? null,
      message: input.message ?? null,
      closed: 0,
      created_by: actor.actorId,
      created_at: tx.now,
      updated_at: tx.now,
      revoked_at: null,
      due_at: input.expiresAt,
    })
    .returningAll()
    .executeTakeFirstOrThrow()

/** Puts the mail with its link into the outbox. */
export const mailGuestInvitation = (
  tx: Tx,
  { id, organization_id, email: address, locale }: GuestInvitation,
) =>
  queueMail(tx, {
    organizationId: organization_id,
    template: 'guest_invitation',
    email: address,
    locale,
    invitationId: id,
  })

import { z } from 'zod'
import type { MemberInvitation, Organization, User } from '#db/tables.ts'
import { requireSignIn, type Viewer } from './access.ts'
import { performByToken } from './activity.ts'
import { NotFoundError, WrongAccountError } from './errors.ts'
import { idOf } from './inputs.ts'
import { refuseClosed } from './invitation.ts'
import { hasToken } from './links.ts'
import {
  memberInvitationById,
  memberInvitationClosed,
  personOf,
  settleMemberInvitation,
} from './memberInvitation.ts'
import { maskEmail } from './names.ts'
import { hashSecret, kindOfSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'

/** Which invitation is answered: by the token of its link, or by its id as the one it is for. */
export const memberInvitationAnswerInput = z
  .object({ token: z.string().nullish(), id: idOf('MemberInvitation').nullish() })
  .refine(({ token, id }) => token == null || id == null, {
    path: ['id'],
    error: 'Pass token or id, not both.',
  })
  .refine(({ token, id }) => token != null || id != null, {
    path: ['token'],
    error: 'Pass the token of the link, or sign in and pass the id.',
  })
export type MemberInvitationAnswerInput = z.infer<typeof memberInvitationAnswerInput>

/** The invitation that is meant; refuses a token that nobody was given, and guessing. */
export async function meantInvitation(
  store: Store,
  viewer: Viewer,
  { token, id }: MemberInvitationAnswerInput,
): Promise<MemberInvitation> {
  if (token != null) {
    const found = await store.throttle.lookUp(viewer, () => invitationOfToken(store, token, store.now()))
    return known(found, 'No invitation belongs to this token.')
  }
  requireSignIn(viewer)
  if (!personOf(viewer)) throw new NotFoundError('No invitation is for a key: pass the token of its link.')
  const found = await store.db
    .selectFrom('member_invitations')
    .selectAll()
    .where('id', '=', id ?? '')
    .executeTakeFirst()
  return known(found, 'There is no such member invitation.')
}

async function invitationOfToken({ db }: Pick<Store, 'db'>, token: string, now: number) {
  if (kindOfSecret(token) !== 'memberInvitation') return undefined
  return db
    .selectFrom('member_invitations')
    .selectAll()
    .where(hasToken(hashSecret(token), now))
    .executeTakeFirst()
}

function known(invitation: MemberInvitation | undefined, otherwise: string): MemberInvitation {
  if (!invitation) throw new NotFoundError(otherwise)
  return invitation
}

/**
 * The invitation as it is in this transaction, and the signed-in person who answers it; nobody where there
 * is the token alone. Refuses whose verified address is another.
 */
export async function answeredBy(
  tx: Tx,
  viewer: Viewer,
  meant: MemberInvitation,
  { token }: MemberInvitationAnswerInput,
): Promise<{ invitation: MemberInvitation; person: User | undefined }> {
  // Meanwhile the link may have been replaced.
  const found =
    token == null ? await memberInvitationById(tx, meant.id) : await invitationOfToken(tx, token, tx.now)
  const invitation = known(found, 'No invitation belongs to this token any more.')
  const userId = personOf(viewer)
  const person =
    userId === undefined
      ? undefined
      : await tx.db.selectFrom('users').selectAll().where('id', '=', userId).executeTakeFirstOrThrow()
  if (person && person.email_key !== invitation.email_key) {
    // Who has no verified address may come by the token, which gives them none.
    const mayCome = token != null && person.email === null
    if (!mayCome) {
      throw new WrongAccountError(maskEmail(invitation.email), person.email && maskEmail(person.email))
    }
  }
  return { invitation: await settleMemberInvitation(tx, invitation), person }
}

export interface DeclinedMemberInvitation {
  memberInvitation: MemberInvitation
  organization: Organization
}

/** Declines for good: the link stops working, and the organization may invite anew. */
export async function declineMemberInvitation(
  store: Store,
  viewer: Viewer,
  input: MemberInvitationAnswerInput,
): Promise<DeclinedMemberInvitation> {
  const meant = await meantInvitation(store, viewer, input)
  const { id, organization_id: organizationId } = meant
  return performByToken<DeclinedMemberInvitation>(
    store,
    viewer,
    {
      type: 'DECLINE_MEMBER_INVITATION',
      organizationId,
      intent: { id },
      replay: async (tx) => withOrganization(tx, await memberInvitationById(tx, id)),
    },
    async (tx) => {
      const { invitation } = await answeredBy(tx, viewer, meant, input)
      refuseClosed(memberInvitationClosed(invitation, tx.now))
      const declined = await tx.db
        .updateTable('member_invitations')
        .set({ declined_at: tx.now, updated_at: tx.now, due_at: null, closed: 1 })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow()
      tx.record({
        organizationId,
        invitationId: id,
        type: 'DECLINED',
        status: 'DECLINED',
        previousStatus: 'PENDING',
      })
      return { subjectId: id, result: await withOrganization(tx, declined) }
    },
  )
}

/** The invitation, with the organization that it is of. */
export const withOrganization = async (tx: Tx, memberInvitation: MemberInvitation) => ({
  memberInvitation,
  organization: await tx.db
    .selectFrom('organizations')
    .selectAll()
    .where('id', '=', memberInvitation.organization_id)
    .executeTakeFirstOrThrow(),
})

import { z } from 'zod'
import type { JoinLink, Membership, Organization } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { performByToken } from './activity.ts'
import { ConflictError, InvitationClosedError, NotFoundError, Refusal } from './errors.ts'
import { grantLapsed } from './granting.ts'
import { type Closed, refuseClosed } from './invitation.ts'
import { joinLinkClosed, joinLinkStatus, settleJoinLink } from './joinLink.ts'
import { insertMembership, membershipById } from './member.ts'
import { hashSecret, kindOfSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'

export const joinOrganizationInput = z.object({ token: z.string() })
export type JoinOrganizationInput = z.infer<typeof joinOrganizationInput>

export interface Joined {
  membership: Membership
  organization: Organization
  /** Whether they were a member before: then no use was spent. */
  alreadyMember: boolean
}

/**
 * Makes the person who has signed in a member, in the role of the link that the token belongs to. A use is
 * counted by one conditional update, so that no race overruns `maxUses` or passes a revocation.
 */
export async function joinOrganization(
  store: Store,
  viewer: Viewer,
  { token }: JoinOrganizationInput,
): Promise<Joined> {
  if (viewer.kind === 'anonymous') {
    throw new Refusal(
      'UNAUTHENTICATED',
      'Sign in first, as the person who is to join: send what your identity provider gave you as Authorization: Bearer <token>.',
    )
  }
  const { id, organization_id: organizationId } = known(
    await store.throttle.lookUp(viewer, () => linkOfToken(store, token)),
  )
  return performByToken<Joined>(
    store,
    viewer,
    {
      type: 'JOIN_ORGANIZATION',
      organizationId,
      intent: { id },
      replay: async (tx, membershipId) => joined(tx, await membershipById(tx, membershipId), true),
    },
    async (tx) => {
      if (viewer.kind === 'key') {
        throw new Refusal(
          'FORBIDDEN',
          'A key cannot join an organization: the person who is to join must sign in, by the identity provider that the operator names as JWT_ISSUER.',
        )
      }
      const link = await settleJoinLink(tx, known(await linkOfToken(tx, token)))
      const standing = await membershipOf(tx, viewer.actorId, organizationId)
      const membership = standing ?? (await admit(tx, viewer.actorId, link))
      return { subjectId: membership.id, result: await joined(tx, membership, standing !== undefined) }
    },
  )
}

async function admit(tx: Tx, userId: string, link: JoinLink): Promise<Membership> {
  if (await wasRemoved(tx, userId, link.organization_id)) {
    throw new ConflictError(
      'You were removed from this organization: ask for a member invitation to come back, a join link does not do.',
    )
  }
  await spendUse(tx, link)
  refuseClosed(await grantLapsed(tx, link))
  return insertMembership(tx, {
    organizationId: link.organization_id,
    userId,
    role: link.role,
    accessType: 'WEB',
    invitationId: link.id,
  })
}

/** Why nobody can join by the link at this instant, also where that is not the link's own doing. */
export const joiningClosed = async (db: Pick<Store, 'db'>, link: JoinLink, now: number) =>
  joinLinkClosed(link, now) ?? (await grantLapsed(db, link))

async function spendUse(tx: Tx, before: JoinLink) {
  const link = await tx.db
    .updateTable('join_links')
    .set((eb) => ({ uses: eb('uses', '+', 1), updated_at: tx.now }))
    .where('id', '=', before.id)
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', tx.now)]))
    .where((eb) => eb.or([eb('max_uses', 'is', null), eb('uses', '<', eb.ref('max_uses'))]))
    .returningAll()
    .executeTakeFirst()
  if (!link) {
    const closed = joinLinkClosed(before, tx.now) ?? { reason: 'EXHAUSTED' }
    throw new InvitationClosedError(closed.reason === 'EXHAUSTED' ? await exhaustion(tx, before) : closed)
  }
  const event = {
    organizationId: link.organization_id,
    invitationId: link.id,
    previousStatus: 'PENDING' as const,
  }
  tx.record({ ...event, type: 'USED', status: 'PENDING' })
  const status = joinLinkStatus(link, tx.now)
  if (status === 'EXHAUSTED') tx.record({ ...event, type: 'EXHAUSTED', status })
}

async function exhaustion(tx: Tx, { id }: JoinLink): Promise<Closed> {
  const last = await tx.db
    .selectFrom('invitation_events')
    .select((eb) => eb.fn.max('occurred_at').as('at'))
    .where('invitation_id', '=', id)
    .where('type', '=', 'USED')
    .executeTakeFirst()
  return { reason: 'EXHAUSTED', closedAt: last?.at ?? null }
}

async function linkOfToken({ db }: Pick<Store, 'db'>, token: string): Promise<JoinLink | undefined> {
  if (kindOfSecret(token) !== 'joinLink') return undefined
  return db
    .selectFrom('join_links')
    .selectAll()
    .where('token_hash', '=', hashSecret(token))
    .executeTakeFirst()
}

function known(link: JoinLink | undefined): JoinLink {
  if (!link) throw new NotFoundError('No join link belongs to this token.')
  return link
}

const membershipsOf = (tx: Tx, userId: string, organizationId: string) =>
  tx.db
    .selectFrom('memberships')
    .selectAll()
    .where('user_id', '=', userId)
    .where('organization_id', '=', organizationId)

const membershipOf = (tx: Tx, userId: string, organizationId: string): Promise<Membership | undefined> =>
  membershipsOf(tx, userId, organizationId).where('removed_at', 'is', null).executeTakeFirst()

/** Whoever was removed may know the link still, and does not let themselves in again. */
const wasRemoved = async (tx: Tx, userId: string, organizationId: string): Promise<boolean> =>
  (await membershipsOf(tx, userId, organizationId).where('removed_at', 'is not', null).executeTakeFirst()) !==
  undefined

async function joined(tx: Tx, membership: Membership, alreadyMember: boolean): Promise<Joined> {
  const organization = await tx.db
    .selectFrom('organizations')
    .selectAll()
    .where('id', '=', membership.organization_id)
    .executeTakeFirstOrThrow()
  return { membership, organization, alreadyMember }
}

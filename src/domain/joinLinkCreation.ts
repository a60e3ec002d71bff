import { z } from 'zod'
import type { JoinLink } from '#db/tables.ts'
import { roles, targetOf, type Viewer } from './access.ts'
import { perform } from './activity.ts'
import { ConflictError } from './errors.ts'
import { roleFaults } from './granting.ts'
import { newId } from './ids.ts'
import { idempotencyKey, refuseFaults } from './inputs.ts'
import { expiryFaults } from './invitation.ts'
import { joinLinkById, joinLinkStatus, linkRoles } from './joinLink.ts'
import { hashSecret, newSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'

const MAX_USES = 1000

/** How many may join by a link. */
export const linkUses = z
  .number()
  .min(1, 'maxUses must be 1 or more; leave it out for no limit.')
  .max(MAX_USES, `maxUses must be at most ${MAX_USES}.`)
  .nullish()

export const createJoinLinkInput = z.object({
  role: z.enum(roles).refine((role) => linkRoles.some((each) => each === role), {
    error: `A link gives one of the roles ${linkRoles.join(', ')}: invite others one by one.`,
  }),
  expiresAt: z.number().nullish(),
  maxUses: linkUses,
  idempotencyKey,
})
export type CreateJoinLinkInput = z.infer<typeof createJoinLinkInput>

export interface JoinLinkWithToken {
  joinLink: JoinLink
  /** The secret of the link; null where an earlier call made it. */
  token: string | null
  replayed: boolean
}

/** Makes the link by which whoever has it becomes a member in this role. */
export function createJoinLink(
  store: Store,
  viewer: Viewer,
  { idempotencyKey: key, ...input }: CreateJoinLinkInput,
): Promise<JoinLinkWithToken> {
  return perform<JoinLinkWithToken>(
    store,
    viewer,
    'joinLink:create',
    { type: 'CREATE_JOIN_LINK', intent: input, idempotencyKey: key, replay: replayedLink },
    async (tx, actor) => {
      refuseFaults([...roleFaults(actor, input.role), ...expiryFaults(input.expiresAt, tx.now)])
      const organizationId = targetOf(actor)
      const token = newSecret('joinLink')
      const joinLink = await tx.db
        .insertInto('join_links')
        .values({
          id: newId('JoinLink'),
          organization_id: organizationId,
          token_hash: hashSecret(token),
          role: input.role,
          expires_at: input.expiresAt ?? null,
          max_uses: input.maxUses ?? null,
          uses: 0,
          created_by: actor.actorId,
          granted_by: actor.actorId,
          created_at: tx.now,
          updated_at: tx.now,
          revoked_at: null,
          due_at: input.expiresAt ?? null,
        })
        .onConflict((conflict) =>
          conflict.columns(['organization_id', 'role']).where('revoked_at', 'is', null).doNothing(),
        )
        .returningAll()
        .executeTakeFirst()
      if (!joinLink) throw await placeTaken(tx, organizationId, input.role)
      tx.due(joinLink.due_at)
      tx.record({
        organizationId,
        invitationId: joinLink.id,
        type: 'CREATED',
        status: 'PENDING',
        previousStatus: null,
      })
      return { subjectId: joinLink.id, result: { joinLink, token, replayed: false } }
    },
  )
}

/** What an earlier call came to, its secret left out. */
export const replayedLink = async (tx: Tx, id: string): Promise<JoinLinkWithToken> => ({
  joinLink: await joinLinkById(tx, id),
  token: null,
  replayed: true,
})

async function placeTaken(tx: Tx, organizationId: string, role: string) {
  const current = await tx.db
    .selectFrom('join_links')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('role', '=', role)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow()
  const ways = { EXPIRED: 'revive it', EXHAUSTED: 'give it more uses' } as Record<string, string>
  const way = ways[joinLinkStatus(current, tx.now)] ?? 'change it, or make its secret anew'
  return new ConflictError(
    `There is a link for this role already: ${way}, or revoke it to make a new one.`,
    current,
  )
}

import { z } from 'zod'
import type { JoinLink } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { perform } from './activity.ts'
import type { InputIssue } from './errors.ts'
import { roleFaults } from './granting.ts'
import { expectedVersion, idempotencyKey, idOf, orElse, refuseFaults } from './inputs.ts'
import { type EventType, expiryFaults, refuseClosed, refuseStale } from './invitation.ts'
import {
  joinLinkById,
  joinLinkIrrevocable,
  joinLinkStatus,
  joinLinkUnchangeable,
  ownJoinLink,
  revivalConflict,
} from './joinLink.ts'
import { type JoinLinkWithToken, linkUses, replayedLink } from './joinLinkCreation.ts'
import { hashSecret, newSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'
import { roleOf } from './user.ts'

export const updateJoinLinkInput = z.object({
  id: idOf('JoinLink'),
  expiresAt: z.number().nullish(),
  maxUses: linkUses,
  expectedVersion,
})
export type UpdateJoinLinkInput = z.infer<typeof updateJoinLinkInput>

/** Changes the limits of a link: one that is set to null is cleared, one that is left out stays. */
export function updateJoinLink(store: Store, viewer: Viewer, input: UpdateJoinLinkInput): Promise<JoinLink> {
  return perform(
    store,
    viewer,
    'joinLink:update',
    { type: 'UPDATE_JOIN_LINK', intent: input, replay: joinLinkById },
    async (tx, actor) => {
      const link = await ownJoinLink(tx, actor, 'joinLink:update', input.id)
      refuseStale(link, input.expectedVersion)
      refuseClosed(joinLinkUnchangeable(link, tx.now))
      const gives = isMore(link, input)
      refuseFaults([
        ...(gives ? roleFaults(actor, roleOf(link), 'id') : []),
        ...expiryFaults(input.expiresAt, tx.now),
        ...useFaults(link, input.maxUses),
      ])
      const limits = {
        expires_at: orElse(input.expiresAt, link.expires_at),
        max_uses: orElse(input.maxUses, link.max_uses),
        ...(gives && { granted_by: actor.actorId }),
      }
      const result = await changed(tx, link, 'UPDATED', limits)
      return { subjectId: link.id, result }
    },
  )
}

/** Whether people can join for longer, or more of them, than before. */
const isMore = (link: JoinLink, { expiresAt, maxUses }: UpdateJoinLinkInput) =>
  isHigher(expiresAt, link.expires_at) || isHigher(maxUses, link.max_uses)

/** Null is no limit, undefined no change. */
const isHigher = (limit: number | null | undefined, before: number | null) =>
  limit !== undefined && before !== null && (limit === null || limit > before)

const useFaults = ({ uses }: JoinLink, maxUses: number | null | undefined): InputIssue[] =>
  maxUses != null && maxUses < uses
    ? [{ path: ['maxUses'], message: `maxUses must be at least ${uses}: so many have joined.` }]
    : []

export const revokeJoinLinkInput = z.object({ id: idOf('JoinLink') })

/** Takes a link back for good; who has joined by it stays. */
export function revokeJoinLink(store: Store, viewer: Viewer, id: string): Promise<JoinLink> {
  return perform(
    store,
    viewer,
    'joinLink:revoke',
    { type: 'REVOKE_JOIN_LINK', intent: { id }, replay: joinLinkById },
    async (tx, actor) => {
      const link = await ownJoinLink(tx, actor, 'joinLink:revoke', id)
      refuseClosed(joinLinkIrrevocable(link, tx.now))
      const result = await changed(tx, link, 'REVOKED', { revoked_at: tx.now })
      return { subjectId: id, result }
    },
  )
}

export const reviveJoinLinkInput = z.object({
  id: idOf('JoinLink'),
  expiresAt: z.number().nullish(),
  expectedVersion,
})
export type ReviveJoinLinkInput = z.infer<typeof reviveJoinLinkInput>

/** Gives a link that has expired a new end, or none: its secret works again. */
export function reviveJoinLink(store: Store, viewer: Viewer, input: ReviveJoinLinkInput): Promise<JoinLink> {
  return perform(
    store,
    viewer,
    'joinLink:update',
    { type: 'REVIVE_JOIN_LINK', intent: input, replay: joinLinkById },
    async (tx, actor) => {
      const link = await ownJoinLink(tx, actor, 'joinLink:update', input.id)
      refuseStale(link, input.expectedVersion)
      const conflict = revivalConflict(link, tx.now)
      if (conflict) throw conflict
      // Its secret, which whoever revives it may have, gives the role again.
      refuseFaults([...roleFaults(actor, roleOf(link), 'id'), ...expiryFaults(input.expiresAt, tx.now)])
      const result = await changed(tx, link, 'RESTORED', {
        expires_at: input.expiresAt ?? null,
        granted_by: actor.actorId,
      })
      return { subjectId: link.id, result }
    },
  )
}

export const regenerateJoinLinkTokenInput = z.object({
  id: idOf('JoinLink'),
  expectedVersion,
  idempotencyKey,
})
export type RegenerateJoinLinkTokenInput = z.infer<typeof regenerateJoinLinkTokenInput>

/** A new secret in place of the old one, which is dead from now on. Whoever is given it could join by it. */
export function regenerateJoinLinkToken(
  store: Store,
  viewer: Viewer,
  { idempotencyKey: key, ...input }: RegenerateJoinLinkTokenInput,
): Promise<JoinLinkWithToken> {
  return perform<JoinLinkWithToken>(
    store,
    viewer,
    'joinLink:update',
    { type: 'REGENERATE_JOIN_LINK_TOKEN', intent: input, idempotencyKey: key, replay: replayedLink },
    async (tx, actor) => {
      const link = await ownJoinLink(tx, actor, 'joinLink:update', input.id)
      refuseStale(link, input.expectedVersion)
      refuseClosed(joinLinkUnchangeable(link, tx.now))
      refuseFaults(roleFaults(actor, roleOf(link), 'id'))
      const token = newSecret('joinLink')
      const joinLink = await changed(tx, link, 'UPDATED', {
        token_hash: hashSecret(token),
        granted_by: actor.actorId,
      })
      return { subjectId: link.id, result: { joinLink, token, replayed: false } }
    },
  )
}

type Change = Partial<Pick<JoinLink, 'expires_at' | 'max_uses' | 'revoked_at' | 'token_hash' | 'granted_by'>>

async function changed(tx: Tx, before: JoinLink, type: EventType, change: Change): Promise<JoinLink> {
  const { expires_at, revoked_at } = { ...before, ...change }
  const link = await tx.db
    .updateTable('join_links')
    .set((eb) => ({
      ...change,
      version: eb('version', '+', 1),
      updated_at: tx.now,
      due_at: revoked_at === null ? expires_at : null,
    }))
    .where('id', '=', before.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  tx.due(link.due_at)
  tx.record({
    organizationId: link.organization_id,
    invitationId: link.id,
    type,
    status: joinLinkStatus(link, tx.now),
    previousStatus: joinLinkStatus(before, tx.now),
  })
  return link
}

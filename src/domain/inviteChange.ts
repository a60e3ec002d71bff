import { z } from 'zod'
import type { Invite } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { perform } from './activity.ts'
import type { InputIssue } from './errors.ts'
import { expectedVersion, idempotencyKey, idOf, orElse, refuseFaults } from './inputs.ts'
import { type Closed, refuseClosed, refuseStale } from './invitation.ts'
import { type InviteCourse, inviteById } from './invite.ts'
import { changeInvite, ownInvite } from './inviteCourse.ts'
import type { CreatedInvite } from './inviteCreation.ts'
import { revocationClosed } from './inviteRevocation.ts'
import { insertPortals, portalIds, portalIssues, sayingEndsOnce, terms, windowOf } from './inviteTerms.ts'
import { nameKey } from './names.ts'
import { hashSecret, newSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'

export const updateInviteInput = sayingEndsOnce(
  z.object({ id: idOf('Invite'), expectedVersion, portalIds: portalIds.nullish(), ...terms }),
)
export type UpdateInviteInput = z.infer<typeof updateInviteInput>

/**
 * Changes what an invite says; what is left out stays. What has expired or is exhausted is open again where
 * the change makes it so.
 */
export function updateInvite(store: Store, viewer: Viewer, input: UpdateInviteInput): Promise<Invite> {
  return perform(
    store,
    viewer,
    'invite:update',
    { type: 'UPDATE_INVITE', intent: input, replay: inviteById },
    async (tx, actor) => {
      const invite = await ownInvite(tx, actor, 'invite:update', input.id)
      refuseStale(invite, input.expectedVersion)
      refuseClosed(changeClosed(invite))
      const window = changedWindow(invite, input, tx.now)
      refuseFaults([
        ...(await changedPortalIssues(tx, invite, input)),
        ...window.issues,
        ...usesIssues(invite, input),
      ])
      if (input.portalIds) await replacePortals(tx, invite.id, input.portalIds)
      const name = orElse(input.name, invite.name)
      const result = await changeInvite(tx, invite, 'UPDATED', {
        name,
        name_key: name === null ? null : nameKey(name),
        valid_from: window.validFrom,
        valid_to: window.validTo,
        max_uses: orElse(input.maxUses, invite.max_uses),
        messages:
          input.inviteeMessage === undefined ? invite.messages : JSON.stringify(input.inviteeMessage ?? []),
      })
      return { subjectId: invite.id, result }
    },
  )
}

/** Why it cannot be changed any more: what was taken back must be given again first. */
export const changeClosed = ({ revoked_at }: Pick<InviteCourse, 'revoked_at'>): Closed | undefined =>
  revoked_at === null ? undefined : { reason: 'REVOKED', closedAt: revoked_at }

/** The window as it is to be; what is not moved need not lie in the future. */
function changedWindow(invite: Invite, input: UpdateInviteInput, now: number) {
  const { valid_from: validFrom, valid_to: validTo } = invite
  const ends = [input.validFrom, input.startsIn, input.validTo, input.expiresIn]
  if (ends.every((end) => end == null)) return { validFrom, validTo, issues: [] }
  return windowOf(input, { validFrom, validTo: () => validTo }, now)
}

const changedPortalIssues = (
  tx: Tx,
  { integration_id: id, organization_id }: Invite,
  { portalIds: ids }: UpdateInviteInput,
) => (ids ? portalIssues(tx, { id, organization_id }, ids) : [])

const usesIssues = ({ uses }: Invite, { maxUses }: UpdateInviteInput): InputIssue[] =>
  maxUses != null && maxUses < uses
    ? [{ path: ['maxUses'], message: `maxUses must be at least ${uses}: so many uses are spent already.` }]
    : []

async function replacePortals(tx: Tx, inviteId: string, ids: readonly string[]) {
  await tx.db.deleteFrom('invite_portals').where('invite_id', '=', inviteId).execute()
  await insertPortals(tx, inviteId, ids)
}

export const regenerateInviteTokenInput = z.object({ id: idOf('Invite'), expectedVersion, idempotencyKey })
export type RegenerateInviteTokenInput = z.infer<typeof regenerateInviteTokenInput>

/** Makes the link of an invite anew: the old one dies at once, what it granted stays. */
export function regenerateInviteToken(
  store: Store,
  viewer: Viewer,
  { idempotencyKey: key, ...input }: RegenerateInviteTokenInput,
): Promise<CreatedInvite> {
  const { id } = input
  return perform<CreatedInvite>(
    store,
    viewer,
    'invite:update',
    {
      type: 'REGENERATE_INVITE_TOKEN',
      intent: input,
      idempotencyKey: key,
      replay: async (tx) => ({ invite: await inviteById(tx, id), token: null, replayed: true }),
    },
    async (tx, actor) => {
      const invite = await ownInvite(tx, actor, 'invite:update', id)
      refuseStale(invite, input.expectedVersion)
      refuseClosed(revocationClosed(invite, tx.now))
      const token = newSecret('invite')
      const changed = await changeInvite(tx, invite, 'UPDATED', { token_hash: hashSecret(token) })
      return { subjectId: id, result: { invite: changed, token, replayed: false } }
    },
  )
}

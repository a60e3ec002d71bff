import { sql } from 'kysely'
import { z } from 'zod'
import { insertRow, prepared } from '#db/prepared.ts'
import { idRows } from '#db/rows.ts'
import type { Integration, Invite, Organization } from '#db/tables.ts'
import { organizationsOf, type SignedIn, type Viewer } from './access.ts'
import { perform } from './activity.ts'
import { type Batch, performBatch } from './batch.ts'
import { NotFoundError } from './errors.ts'
import { newId } from './ids.ts'
import { bulkRows, idempotencyKey, idOf, parsedRow, refuseFaults } from './inputs.ts'
import { inviteById, inviteStatus, nextDue } from './invite.ts'
import {
  type InviteWindow,
  insertPortals,
  portalIds,
  portalIssues,
  sayingEndsOnce,
  terms,
  windowOf,
} from './inviteTerms.ts'
import { nameKey } from './names.ts'
import { hashSecret, newSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'

const fields = { integrationId: idOf('Integration'), portalIds, ...terms }
const newInvite = sayingEndsOnce(z.object(fields))
type NewInvite = z.infer<typeof newInvite>

export const createInviteInput = sayingEndsOnce(z.object({ ...fields, idempotencyKey }))
export type CreateInviteInput = z.infer<typeof createInviteInput>

export interface CreatedInvite {
  invite: Invite
  /** The secret of the link; null where an earlier call made the invite. */
  token: string | null
  replayed: boolean
}

/** Makes a time-bound link that opens portals of one integration. */
export function createInvite(
  store: Store,
  viewer: Viewer,
  { idempotencyKey: key, ...input }: CreateInviteInput,
): Promise<CreatedInvite> {
  return perform<CreatedInvite>(
    store,
    viewer,
    'invite:create',
    { type: 'CREATE_INVITE', intent: input, idempotencyKey: key, replay: madeEarlier },
    async (tx, actor) => {
      const result = await makeInvite(tx, actor, input)
      return { subjectId: result.invite.id, result }
    },
  )
}

export const createInvitesInput = z.object({
  invites: bulkRows('invites'),
  atomic: z.boolean().nullish(),
  idempotencyKey,
})
export type CreateInvitesInput = z.infer<typeof createInvitesInput>

/** Makes several at once, each by itself unless it is all or nothing. */
export function createInvites(
  store: Store,
  viewer: Viewer,
  { invites, atomic, idempotencyKey: key }: CreateInvitesInput,
): Promise<Batch<CreatedInvite>> {
  return performBatch<unknown, CreatedInvite>(
    store,
    viewer,
    'invite:create',
    { type: 'CREATE_INVITES', intent: { invites, atomic }, idempotencyKey: key },
    {
      rows: invites,
      atomic: atomic ?? false,
      path: 'invites',
      make: (tx, actor, row) => makeInvite(tx, actor, parsedRow(newInvite, row)),
      idOf: ({ invite }) => invite.id,
      replayOf: madeEarlier,
    },
  )
}

const madeEarlier = async (tx: Tx, id: string): Promise<CreatedInvite> => ({
  invite: await inviteById(tx, id),
  token: null,
  replayed: true,
})

async function makeInvite(tx: Tx, actor: SignedIn, input: NewInvite): Promise<CreatedInvite> {
  const integration = await integrationFor(tx, actor, input.integrationId)
  const portalFaults = await portalIssues(tx, integration, input.portalIds)
  const otherwise = {
    validFrom: tx.now,
    validTo: (validFrom: number) => validFrom + integration.default_validity,
  }
  const window = windowOf(input, otherwise, tx.now)
  refuseFaults([...portalFaults, ...window.issues])

  const token = newSecret('invite')
  const invite = await insertInvite(tx, actor, integration, input, window, token)
  await insertPortals(tx, invite.id, input.portalIds)
  tx.due(invite.due_at)
  tx.record({
    organizationId: invite.organization_id,
    invitationId: invite.id,
    type: 'CREATED',
    status: inviteStatus(invite, tx.now),
    previousStatus: null,
  })
  return { invite, token, replayed: false }
}

type IntegrationWithDefault = Pick<Integration, 'id' | 'organization_id'> &
  Pick<Organization, 'default_validity'>

async function integrationFor(tx: Tx, viewer: Viewer, id: string): Promise<IntegrationWithDefault> {
  const [integration] = await integrationIn(tx.db, {
    id,
    organizationIds: organizationsOf(viewer, 'invite:create'),
  })
  if (!integration) throw new NotFoundError('There is no such integration.')
  return integration
}

const integrationIn = prepared<{ id: string; organizationIds: readonly string[] }, IntegrationWithDefault>(
  (db, value) =>
    db
      .selectFrom('integrations')
      .innerJoin('organizations', 'organizations.id', 'integrations.organization_id')
      .select(['integrations.id', 'organization_id', 'default_validity'])
      .where('integrations.id', '=', value('id'))
      .where('organization_id', 'in', sql<string>`(select value from ${idRows(value('organizationIds'))})`),
)

function insertInvite(
  tx: Tx,
  viewer: SignedIn,
  integration: IntegrationWithDefault,
  input: NewInvite,
  { validFrom, validTo }: InviteWindow,
  token: string,
): Promise<Invite> {
  return insertRow(tx.db, 'invites', {
    id: newId('Invite'),
    organization_id: integration.organization_id,
    integration_id: integration.id,
    name: input.name ?? null,
    name_key: input.name ? nameKey(input.name) : null,
    token_hash: hashSecret(token),
    valid_from: validFrom,
    valid_to: validTo,
    max_uses: input.maxUses ?? null,
    uses: 0,
    messages: JSON.stringify(input.inviteeMessage ?? []),
    created_by: viewer.actorId,
    created_at: tx.now,
    updated_at: tx.now,
    revoked_at: null,
    due_at: nextDue({ revoked_at: null, valid_from: validFrom, valid_to: validTo }, tx.now),
    version: 1,
    previewed_at: null,
  })
}

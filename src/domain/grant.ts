import { sql } from 'kysely'
import { z } from 'zod'
import { prepared } from '#db/prepared.ts'
import { idRows } from '#db/rows.ts'
import type { AccessGrant, Integration, Invite, Organization, Portal } from '#db/tables.ts'
import { organizationsOf, type Viewer } from './access.ts'
import { performByToken } from './activity.ts'
import { InvitationClosedError, NotFoundError } from './errors.ts'
import { newId } from './ids.ts'
import { idempotencyKey, name } from './inputs.ts'
import { inviteClosed, inviteStatus, settleInvite } from './invite.ts'
import type { Listing } from './page.ts'
import { hashSecret, kindOfSecret, newSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'

export const acceptInviteInput = z.object({
  token: z.string(),
  guestName: name('The guest’s name').nullish(),
  idempotencyKey,
})
export type AcceptInviteInput = z.infer<typeof acceptInviteInput>

/** What the holder of a token may see: exactly what it was given for. */
export interface GrantedThings {
  organization: Organization
  integration: Integration
  invite: Invite
  portals: Portal[]
}

/**
 * Spends one use of the invite that the token belongs to. No account is needed. The use is counted by one
 * conditional update, so that no race overruns `maxUses` or passes a revocation.
 */
export async function acceptInvite(
  store: Store,
  viewer: Viewer,
  { token, guestName, idempotencyKey: key }: AcceptInviteInput,
  grantToken = newSecret('grant'),
): Promise<AcceptedInvite> {
  const { id, organization_id: organizationId } = known(
    await store.throttle.lookUp(viewer, () => inviteOfToken(store, token)),
  )
  return performByToken<AcceptedInvite>(
    store,
    viewer,
    {
      type: 'ACCEPT_INVITE',
      organizationId,
      intent: { id, guestName },
      // Guests of different invites know nothing of each other's keys.
      idempotencyKey: key == null ? null : `${id}:${key}`,
      replay: async (tx, grantId) => granted(tx, await grantById(tx, grantId), null),
    },
    async (tx) => {
      const invite = await spendUse(tx, await settleInvite(tx, known(await inviteOfToken(tx, token))))
      const grant = await tx.db
        .insertInto('access_grants')
        .values({
          id: newId('AccessGrant'),
          organization_id: invite.organization_id,
          invite_id: invite.id,
          token_hash: hashSecret(grantToken),
          guest_name: guestName ?? null,
          created_at: tx.now,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      return { subjectId: grant.id, result: await granted(tx, grant, grantToken) }
    },
  )
}

async function inviteOfToken({ db }: Pick<Store, 'db'>, token: string): Promise<Invite | undefined> {
  if (kindOfSecret(token) !== 'invite') return undefined
  return db.selectFrom('invites').selectAll().where('token_hash', '=', hashSecret(token)).executeTakeFirst()
}

function known(invite: Invite | undefined): Invite {
  if (!invite) throw new NotFoundError('No invitation belongs to this token.')
  return invite
}

async function spendUse(tx: Tx, before: Invite): Promise<Invite> {
  const invite = await tx.db
    .updateTable('invites')
    .set((eb) => ({ uses: eb('uses', '+', 1), updated_at: tx.now }))
    .where('id', '=', before.id)
    .where('revoked_at', 'is', null)
    .where('valid_from', '<=', tx.now)
    .where((eb) => eb.or([eb('valid_to', 'is', null), eb('valid_to', '>', tx.now)]))
    .where((eb) => eb.or([eb('max_uses', 'is', null), eb('uses', '<', eb.ref('max_uses'))]))
    .returningAll()
    .executeTakeFirst()
  if (!invite) {
    const closed = inviteClosed(before, tx.now)
    throw new InvitationClosedError(
      closed?.reason === 'EXHAUSTED' ? await exhaustion(tx, before) : (closed ?? { reason: 'EXHAUSTED' }),
    )
  }
  const event = {
    organizationId: invite.organization_id,
    invitationId: invite.id,
    previousStatus: 'PENDING' as const,
  }
  tx.record({ ...event, type: 'USED', status: 'PENDING' })
  const status = inviteStatus(invite, tx.now)
  if (status === 'EXHAUSTED') tx.record({ ...event, type: 'EXHAUSTED', status })
  return invite
}

async function exhaustion(tx: Tx, invite: Invite) {
  const last = await tx.db
    .selectFrom('access_grants')
    .select((eb) => eb.fn.max('created_at').as('at'))
    .where('invite_id', '=', invite.id)
    .executeTakeFirst()
  return { reason: 'EXHAUSTED' as const, closedAt: last?.at ?? null }
}

export interface AcceptedInvite {
  grant: AccessGrant
  /** The secret of the grant; null where an earlier call made it. */
  grantToken: string | null
  replayed: boolean
  things: GrantedThings
}

async function granted(tx: Tx, grant: AccessGrant, grantToken: string | null): Promise<AcceptedInvite> {
  return {
    grant,
    grantToken,
    replayed: grantToken === null,
    things: await grantedThings(tx, grant.invite_id),
  }
}

/** All that the holder of the invite's token, or of a grant of it, may see. */
export async function grantedThings(tx: Pick<Tx, 'db'>, inviteId: string): Promise<GrantedThings> {
  const invite = await tx.db
    .selectFrom('invites')
    .selectAll()
    .where('id', '=', inviteId)
    .executeTakeFirstOrThrow()
  const organization = await tx.db
    .selectFrom('organizations')
    .selectAll()
    .where('id', '=', invite.organization_id)
    .executeTakeFirstOrThrow()
  const integration = await tx.db
    .selectFrom('integrations')
    .selectAll()
    .where('id', '=', invite.integration_id)
    .executeTakeFirstOrThrow()
  return { organization, integration, invite, portals: await portalsOfInvite(tx, inviteId) }
}

/** What an invite opens, in its order. */
export const portalsOfInvite = ({ db }: Pick<Store, 'db'>, inviteId: string): Promise<Portal[]> =>
  db
    .selectFrom('invite_portals')
    .innerJoin('portals', 'portals.id', 'invite_portals.portal_id')
    .selectAll('portals')
    .where('invite_id', '=', inviteId)
    .orderBy('position')
    .execute()

const grantById = (tx: Tx, id: string): Promise<AccessGrant> =>
  tx.db.selectFrom('access_grants').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

/** Who has accepted an invite, newest first. */
export const grantsOfInvite: Listing = {
  permission: 'grant:read',
  items: 'access_grants',
  from: sql`access_grants`,
  parent: sql.ref('access_grants.invite_id'),
  id: sql.ref('access_grants.id'),
  descending: true,
  filters: [],
}

/** The portals that invites open, for each invite in its order, as far as the viewer may see them. */
export async function portalsOfInvites(store: Store, viewer: Viewer, inviteIds: readonly string[]) {
  const organizations = organizationsOf(viewer, 'portal:read')
  if (organizations.length === 0) return inviteIds.map(() => [])
  const rows = await portalsOf(store.db, { inviteIds, organizations })
  const portals = Map.groupBy(rows, (row) => row.invite_id)
  return inviteIds.map((id) => portals.get(id) ?? [])
}

const portalsOf = prepared<
  { inviteIds: readonly string[]; organizations: readonly string[] },
  Portal & { invite_id: string }
>((db, value) =>
  db
    .selectFrom('invite_portals')
    .innerJoin('portals', 'portals.id', 'invite_portals.portal_id')
    .selectAll('portals')
    .select('invite_id')
    .where('invite_id', 'in', sql<string>`(select value from ${idRows(value('inviteIds'))})`)
    .where('organization_id', 'in', sql<string>`(select value from ${idRows(value('organizations'))})`)
    .orderBy('invite_id')
    .orderBy('position'),
)

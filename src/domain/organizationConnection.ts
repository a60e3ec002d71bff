import { z } from 'zod'
import type { Organization, OrganizationConnection } from '#db/tables.ts'
import { delegable, type Permission, type SignedIn, type Viewer } from './access.ts'
import { connectionBetween, isBetween } from './acting.ts'
import { perform } from './activity.ts'
import { ConflictError, NotFoundError } from './errors.ts'
import { newId } from './ids.ts'
import { idempotencyKey, idOf, refuseFaults } from './inputs.ts'
import type { Store, Tx } from './store.ts'
import { acceptBetween } from './systemAcceptance.ts'

const scopes = z
  .array(
    z.enum(delegable as [Permission, ...Permission[]], 'This cannot be allowed to another organization.'),
  )
  .nullish()

export const requestConnectionInput = z.object({
  organizationId: idOf('Organization'),
  scopes,
  idempotencyKey,
})
export type RequestConnectionInput = z.infer<typeof requestConnectionInput>

/** Asks another organization to be connected; with the scopes, what it may then do here beside reading. */
export function requestConnection(
  store: Store,
  viewer: Viewer,
  input: RequestConnectionInput,
): Promise<OrganizationConnection> {
  return perform(
    store,
    viewer,
    'connection:request',
    {
      type: 'REQUEST_CONNECTION',
      intent: input,
      idempotencyKey: input.idempotencyKey,
      replay: connectionById,
    },
    async (tx, actor) => {
      const other = await organizationById(tx, input.organizationId)
      if (!other) throw new NotFoundError('There is no such organization.')
      refuseFaults(
        other.id === actor.organizationId
          ? [{ path: ['organizationId'], message: 'This is your own organization: name another.' }]
          : [],
      )
      if (await connectionBetween(tx, actor.organizationId, other.id)) {
        throw new ConflictError('The organizations are connected already, or one has asked for it.')
      }
      const result = await tx.db
        .insertInto('organization_connections')
        .values({
          id: newId('OrganizationConnection'),
          host_id: actor.organizationId,
          guest_id: other.id,
          created_at: tx.now,
          accepted_at: null,
          host_allows: JSON.stringify(input.scopes ?? []),
          guest_allows: '[]',
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      return { subjectId: result.id, result }
    },
  )
}

export const acceptConnectionInput = z.object({ id: idOf('OrganizationConnection'), scopes })
export type AcceptConnectionInput = z.infer<typeof acceptConnectionInput>

/** Accepts what another organization has asked for; with the scopes, what it may do here beside reading. */
export function acceptConnection(
  store: Store,
  viewer: Viewer,
  input: AcceptConnectionInput,
): Promise<OrganizationConnection> {
  return perform(
    store,
    viewer,
    'connection:accept',
    { type: 'ACCEPT_CONNECTION', intent: input, replay: connectionById },
    async (tx, actor) => {
      const connection = await ownConnection(tx, actor, input.id)
      if (connection.guest_id !== actor.organizationId) {
        throw new ConflictError('Your organization has asked for this connection: the other one accepts it.')
      }
      if (connection.accepted_at !== null)
        throw new ConflictError('This connection has been accepted already.')
      const result = await tx.db
        .updateTable('organization_connections')
        .set({ accepted_at: tx.now, guest_allows: JSON.stringify(input.scopes ?? []) })
        .where('id', '=', input.id)
        .returningAll()
        .executeTakeFirstOrThrow()
      await acceptBetween(tx, result.host_id, result.guest_id)
      return { subjectId: input.id, result }
    },
  )
}

export const disconnectOrganizationInput = z.object({ id: idOf('OrganizationConnection') })

/** Ends a connection, or takes back or turns down the wish for one: either side may. */
export function disconnectOrganization(
  store: Store,
  viewer: Viewer,
  id: string,
): Promise<{ disconnectedId: string }> {
  return perform(
    store,
    viewer,
    'connection:disconnect',
    {
      type: 'DISCONNECT_ORGANIZATION',
      intent: { id },
      replay: async (_, disconnectedId) => ({ disconnectedId }),
    },
    async (tx, actor) => {
      const { host_id, guest_id } = await ownConnection(tx, actor, id)
      tx.wake(host_id)
      tx.wake(guest_id)
      // Both ways: each may have become the other's guest.
      await tx.db.deleteFrom('organization_connections').where(isBetween(host_id, guest_id)).execute()
      return { subjectId: id, result: { disconnectedId: id } }
    },
  )
}

async function ownConnection(tx: Tx, viewer: SignedIn, id: string): Promise<OrganizationConnection> {
  const connection = await tx.db
    .selectFrom('organization_connections')
    .selectAll()
    .where('id', '=', id)
    .where((eb) =>
      eb.or([eb('host_id', '=', viewer.organizationId), eb('guest_id', '=', viewer.organizationId)]),
    )
    .executeTakeFirst()
  if (!connection) throw new NotFoundError('There is no such connection.')
  return connection
}

const connectionById = (tx: Tx, id: string): Promise<OrganizationConnection> =>
  tx.db.selectFrom('organization_connections').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

const organizationById = ({ db }: Pick<Store, 'db'>, id: string): Promise<Organization | undefined> =>
  db.selectFrom('organizations').selectAll().where('id', '=', id).executeTakeFirst()

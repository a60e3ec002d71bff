import { expressionBuilder } from 'kysely'
import type { OrganizationConnection, Tables } from '#db/tables.ts'
import { delegable, isSignedIn, type Permission, type SignedIn, type Viewer } from './access.ts'
import { Refusal } from './errors.ts'
import { typeOfId } from './ids.ts'
import type { Store } from './store.ts'

/**
 * The viewer, acting for another organization: one that theirs is connected with, or one below theirs,
 * where they are what they are in their own.
 */
export async function actingFor(store: Store, viewer: SignedIn, organizationId: string): Promise<SignedIn> {
  if (organizationId === viewer.organizationId) return viewer
  const allows =
    typeOfId(organizationId) === 'Organization' && (await allowedIn(store, viewer, organizationId))
  if (!allows) {
    throw new Refusal(
      'FORBIDDEN',
      'Target-Organization-ID names no organization that yours is connected with.',
    )
  }
  return { ...viewer, target: { organizationId, allows } }
}

/** Whether the viewer may still act for the organization that they came to act for. */
export async function actsStill(store: Pick<Store, 'db'>, viewer: Viewer): Promise<boolean> {
  if (!isSignedIn(viewer) || !viewer.target) return true
  const allows = await allowedIn(store, viewer, viewer.target.organizationId)
  return allows !== undefined && viewer.target.allows.every((permission) => allows.includes(permission))
}

async function allowedIn(
  store: Pick<Store, 'db'>,
  viewer: SignedIn,
  organizationId: string,
): Promise<Permission[] | undefined> {
  // A child that is connected with its parent too takes nothing from it by that.
  const target = await store.db
    .selectFrom('organizations')
    .select('parent_id')
    .where('id', '=', organizationId)
    .executeTakeFirst()
  if (target?.parent_id === viewer.organizationId) return delegable
  const connection = await connectionBetween(store, viewer.organizationId, organizationId)
  if (connection?.accepted_at == null) return undefined
  const allows = connection.host_id === organizationId ? connection.host_allows : connection.guest_allows
  return JSON.parse(allows) as Permission[]
}

/** The connection of two organizations, the accepted one first. */
export const connectionBetween = (
  { db }: Pick<Store, 'db'>,
  one: string,
  other: string,
): Promise<OrganizationConnection | undefined> =>
  db
    .selectFrom('organization_connections')
    .selectAll()
    .where(isBetween(one, other))
    // The accepted one first, in every dialect, wherever it puts nulls.
    .orderBy((eb) => eb.fn.coalesce('accepted_at', eb.lit(0)), 'desc')
    .executeTakeFirst()

/** The connections of two organizations, whichever asked for it. */
export const isBetween = (one: string, other: string) => {
  const eb = expressionBuilder<Tables, 'organization_connections'>()
  return eb.or([eb.and({ host_id: one, guest_id: other }), eb.and({ host_id: other, guest_id: one })])
}

import { sql } from 'kysely'
import { z } from 'zod'
import type { Integration, Portal } from '#db/tables.ts'
import { authorize, type Viewer } from './access.ts'
import { ConflictError, NotFoundError } from './errors.ts'
import { newId } from './ids.ts'
import { idOf, name } from './inputs.ts'
import { findByIds } from './lookup.ts'
import { lookUpName, type NameLookup } from './nameLookup.ts'
import { containing, nameKey } from './names.ts'
import type { Listing } from './page.ts'
import type { Store } from './store.ts'

export const createPortalInput = z.object({ integrationId: idOf('Integration'), name: name('The name') })
export type CreatePortalInput = z.infer<typeof createPortalInput>

/** Makes a portal: a door, gate or login of an integration. */
export async function createPortal(store: Store, viewer: Viewer, input: CreatePortalInput): Promise<Portal> {
  authorize(viewer, 'portal:create')
  const [integration] = await findByIds<Integration>(store, viewer, 'integrations', [input.integrationId])
  if (!integration) throw new NotFoundError('There is no such integration.')
  const portal = await store.write((tx) =>
    tx.db
      .insertInto('portals')
      .values({
        id: newId('Portal'),
        organization_id: integration.organization_id,
        integration_id: integration.id,
        name: input.name,
        name_key: nameKey(input.name),
        created_at: tx.now,
      })
      .onConflict((conflict) => conflict.columns(['integration_id', 'name_key']).doNothing())
      .returningAll()
      .executeTakeFirst(),
  )
  if (!portal) throw new ConflictError('The integration has a portal of this name already.')
  return portal
}

/** An integration's portals, oldest first; with `search`, those whose name contains it. */
export const portalsOf = (search?: string | null): Listing => ({
  permission: 'portal:read',
  items: 'portals',
  from: sql`portals`,
  parent: sql.ref('portals.integration_id'),
  id: sql.ref('portals.id'),
  descending: false,
  filters: search?.trim() ? [sql`portals.name_key like ${containing(search)} escape '\\'`] : [],
})

/** The one portal of the integration that answers to the name. */
export const portalByName = (store: Store, viewer: Viewer, integration: Integration, lookup: NameLookup) =>
  lookUpName<Portal>(store, viewer, portalsOf(), integration, lookup)

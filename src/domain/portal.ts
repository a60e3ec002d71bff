import { sql } from 'kysely'
import { z } from 'zod'
import type { Integration, Portal } from '#db/tables.ts'
import { organizationsOf, type Viewer } from './access.ts'
import { perform } from './activity.ts'
import { ConflictError, NotFoundError } from './errors.ts'
import { newId } from './ids.ts'
import { idempotencyKey, idOf, name } from './inputs.ts'
import { lookUpName, type NameLookup } from './nameLookup.ts'
import { containing, nameKey } from './names.ts'
import type { Listing } from './page.ts'
import type { Store, Tx } from './store.ts'

export const createPortalInput = z.object({
  integrationId: idOf('Integration'),
  name: name('The name'),
  idempotencyKey,
})
export type CreatePortalInput = z.infer<typeof createPortalInput>

export interface CreatedPortal {
  portal: Portal
  replayed: boolean
}

/** Makes a portal: a door, gate or login of an integration. */
export function createPortal(
  store: Store,
  viewer: Viewer,
  { idempotencyKey: key, ...intent }: CreatePortalInput,
): Promise<CreatedPortal> {
  return perform<CreatedPortal>(
    store,
    viewer,
    'portal:create',
    {
      type: 'CREATE_PORTAL',
      intent,
      idempotencyKey: key,
      replay: async (tx, id) => ({ portal: await portalById(tx, id), replayed: true }),
    },
    async (tx, actor) => {
      const integration = await tx.db
        .selectFrom('integrations')
        .select(['id', 'organization_id'])
        .where('id', '=', intent.integrationId)
        .where('organization_id', 'in', organizationsOf(actor, 'portal:create'))
        .executeTakeFirst()
      if (!integration) throw new NotFoundError('There is no such integration.')
      const portal = await tx.db
        .insertInto('portals')
        .values({
          id: newId('Portal'),
          organization_id: integration.organization_id,
          integration_id: integration.id,
          name: intent.name,
          name_key: nameKey(intent.name),
          created_at: tx.now,
        })
        .onConflict((conflict) => conflict.columns(['integration_id', 'name_key']).doNothing())
        .returningAll()
        .executeTakeFirst()
      if (!portal) throw new ConflictError('The integration has a portal of this name already.')
      return { subjectId: portal.id, result: { portal, replayed: false } }
    },
  )
}

const portalById = (tx: Tx, id: string): Promise<Portal> =>
  tx.db.selectFrom('portals').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

const portals: Listing = {
  permission: 'portal:read',
  items: 'portals',
  from: sql`portals`,
  parent: sql.ref('portals.integration_id'),
  id: sql.ref('portals.id'),
  descending: false,
  filters: [],
}

/** An integration's portals, oldest first; with `search`, those whose name contains it. */
export const portalsOf = (search?: string | null): Listing =>
  search?.trim()
    ? { ...portals, filters: [sql`portals.name_key like ${containing(search)} escape '\\'`] }
    : portals

/** The one portal of the integration that answers to the name. */
export const portalByName = (store: Store, viewer: Viewer, integration: Integration, lookup: NameLookup) =>
  lookUpName<Portal>(store, viewer, portalsOf(), integration, lookup)

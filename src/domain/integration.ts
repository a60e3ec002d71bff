import { sql } from 'kysely'
import { z } from 'zod'
import type { Integration } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { perform } from './activity.ts'
import { ConflictError } from './errors.ts'
import { newId } from './ids.ts'
import { idempotencyKey, idOf, name } from './inputs.ts'
import { lookUpName, type NameLookup } from './nameLookup.ts'
import { containing, nameKey } from './names.ts'
import { targetOrganization } from './organization.ts'
import type { Listing } from './page.ts'
import type { Store, Tx } from './store.ts'

export const createIntegrationInput = z.object({
  organizationId: idOf('Organization').nullish(),
  name: name('The name'),
  idempotencyKey,
})
export type CreateIntegrationInput = z.infer<typeof createIntegrationInput>

export interface CreatedIntegration {
  integration: Integration
  replayed: boolean
}

/** Makes an integration: a place or system whose portals invites can open. */
export function createIntegration(
  store: Store,
  viewer: Viewer,
  { organizationId: named, idempotencyKey: key, ...intent }: CreateIntegrationInput,
): Promise<CreatedIntegration> {
  return perform<CreatedIntegration>(
    store,
    viewer,
    'integration:create',
    {
      type: 'CREATE_INTEGRATION',
      intent,
      idempotencyKey: key,
      replay: async (tx, id) => ({ integration: await integrationById(tx, id), replayed: true }),
    },
    async (tx, actor) => {
      const integration = await tx.db
        .insertInto('integrations')
        .values({
          id: newId('Integration'),
          organization_id: targetOrganization(actor, named),
          name: intent.name,
          name_key: nameKey(intent.name),
          created_at: tx.now,
        })
        .onConflict((conflict) => conflict.columns(['organization_id', 'name_key']).doNothing())
        .returningAll()
        .executeTakeFirst()
      if (!integration) throw new ConflictError('The organization has an integration of this name already.')
      return { subjectId: integration.id, result: { integration, replayed: false } }
    },
  )
}

const integrationById = (tx: Tx, id: string): Promise<Integration> =>
  tx.db.selectFrom('integrations').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

const integrations: Listing = {
  permission: 'integration:read',
  items: 'integrations',
  from: sql`integrations`,
  parent: sql.ref('integrations.organization_id'),
  id: sql.ref('integrations.id'),
  descending: false,
  filters: [],
}

/** An organization's integrations, oldest first; with `search`, those whose name contains it. */
export const integrationsOf = (search?: string | null): Listing =>
  search?.trim()
    ? { ...integrations, filters: [sql`integrations.name_key like ${containing(search)} escape '\\'`] }
    : integrations

/** The one integration of the organization that answers to the name. */
export const integrationByName = (store: Store, viewer: Viewer, organizationId: string, lookup: NameLookup) =>
  lookUpName<Integration>(
    store,
    viewer,
    integrationsOf(),
    { id: organizationId, organization_id: organizationId },
    lookup,
  )

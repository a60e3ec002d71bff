import { sql } from 'kysely'
import { z } from 'zod'
import type { Integration } from '#db/tables.ts'
import { authorize, type Viewer } from './access.ts'
import { ConflictError } from './errors.ts'
import { newId } from './ids.ts'
import { idOf, name } from './inputs.ts'
import { lookUpName, type NameLookup } from './nameLookup.ts'
import { containing, nameKey } from './names.ts'
import { targetOrganization } from './organization.ts'
import type { Listing } from './page.ts'
import type { Store } from './store.ts'

export const createIntegrationInput = z.object({
  organizationId: idOf('Organization').nullish(),
  name: name('The name'),
})
export type CreateIntegrationInput = z.infer<typeof createIntegrationInput>

/** Makes an integration: a place or system whose portals invites can open. */
export async function createIntegration(
  store: Store,
  viewer: Viewer,
  input: CreateIntegrationInput,
): Promise<Integration> {
  authorize(viewer, 'integration:create')
  const organizationId = targetOrganization(viewer, input.organizationId)
  const integration = await store.write((tx) =>
    tx.db
      .insertInto('integrations')
      .values({
        id: newId('Integration'),
        organization_id: organizationId,
        name: input.name,
        name_key: nameKey(input.name),
        created_at: tx.now,
      })
      .onConflict((conflict) => conflict.columns(['organization_id', 'name_key']).doNothing())
      .returningAll()
      .executeTakeFirst(),
  )
  if (!integration) throw new ConflictError('The organization has an integration of this name already.')
  return integration
}

/** An organization's integrations, oldest first; with `search`, those whose name contains it. */
export const integrationsOf = (search?: string | null): Listing => ({
  permission: 'integration:read',
  items: 'integrations',
  from: sql`integrations`,
  parent: sql.ref('integrations.organization_id'),
  id: sql.ref('integrations.id'),
  descending: false,
  filters: search?.trim() ? [sql`integrations.name_key like ${containing(search)} escape '\\'`] : [],
})

/** The one integration of the organization that answers to the name. */
export const integrationByName = (store: Store, viewer: Viewer, organizationId: string, lookup: NameLookup) =>
  lookUpName<Integration>(
    store,
    viewer,
    integrationsOf(),
    { id: organizationId, organization_id: organizationId },
    lookup,
  )

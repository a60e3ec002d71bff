import { z } from 'zod'
import type { Organization } from '#db/tables.ts'
import { authorize, type Viewer } from './access.ts'
import { createApiKey } from './apiKey.ts'
import { ConflictError, NotFoundError } from './errors.ts'
import { newId } from './ids.ts'
import { name } from './inputs.ts'
import { nameKey } from './names.ts'
import type { Store, Tx } from './store.ts'

const WEEK_MS = 7 * 86_400_000

export const createOrganizationInput = z.object({ name: name('The name') })
export type CreateOrganizationInput = z.infer<typeof createOrganizationInput>

/** Makes an organization below the viewer's own, with the first key to act for it. */
export function createOrganization(store: Store, viewer: Viewer, input: CreateOrganizationInput) {
  authorize(viewer, 'organization:create')
  return store.write(async (tx) => {
    const organization = await insertOrganization(tx, input.name, viewer.organizationId)
    if (!organization) throw new ConflictError('An organization of this name is below yours already.')
    const key = await createApiKey(tx, { organizationId: organization.id, role: 'ORG_ADMIN' })
    return { organization, apiKey: key.secret }
  })
}

/** The organization; undefined where its parent has one of this name. */
export const insertOrganization = (
  tx: Tx,
  organizationName: string,
  parentId: string | null,
): Promise<Organization | undefined> =>
  tx.db
    .insertInto('organizations')
    .values({
      id: newId('Organization'),
      name: organizationName,
      name_key: nameKey(organizationName),
      parent_id: parentId,
      default_validity: WEEK_MS,
      last_sequence: 0,
      created_at: tx.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()

/** The organization that a mutation writes to: the viewer's own, named or not. */
export function targetOrganization(
  viewer: Extract<Viewer, { kind: 'key' }>,
  organizationId: string | null | undefined,
): string {
  if (organizationId == null || organizationId === viewer.organizationId) return viewer.organizationId
  throw new NotFoundError('There is no such organization, or it is not yours.')
}

import { z } from 'zod'
import type { Organization } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { perform } from './activity.ts'
import { ConflictError } from './errors.ts'
import { expectedVersion, idOf, name } from './inputs.ts'
import { refuseStale } from './invitation.ts'
import { nameKey } from './names.ts'
import { targetOrganization } from './organization.ts'
import type { Store, Tx } from './store.ts'

export const updateOrganizationInput = z.object({
  organizationId: idOf('Organization').nullish(),
  name: name('The name').nullish(),
  color: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'The colour must look like #0a7c66.')
    .nullish(),
  expectedVersion,
})
export type UpdateOrganizationInput = z.infer<typeof updateOrganizationInput>

/** Changes what guests see of the organization; what is left out stays, and a colour of null is none. */
export function updateOrganization(
  store: Store,
  viewer: Viewer,
  { organizationId: named, ...input }: UpdateOrganizationInput,
): Promise<Organization> {
  return perform(
    store,
    viewer,
    'organization:update',
    { type: 'UPDATE_ORGANIZATION', intent: input, replay: organizationById },
    async (tx, actor) => {
      const organization = await organizationById(tx, targetOrganization(actor, named))
      refuseStale(organization, input.expectedVersion)
      const called = input.name ?? organization.name
      await refuseTaken(tx, organization, called)
      const result = await tx.db
        .updateTable('organizations')
        .set({
          version: organization.version + 1,
          name: called,
          name_key: nameKey(called),
          color: input.color === undefined ? organization.color : (input.color?.toLowerCase() ?? null),
        })
        .where('id', '=', organization.id)
        .returningAll()
        .executeTakeFirstOrThrow()
      return { subjectId: organization.id, result }
    },
  )
}

/** Names are unique among the organizations below one; at the top, strangers may share theirs. */
async function refuseTaken(tx: Tx, { id, parent_id }: Organization, called: string) {
  if (parent_id === null) return
  const other = await tx.db
    .selectFrom('organizations')
    .select('id')
    .where('parent_id', '=', parent_id)
    .where('name_key', '=', nameKey(called))
    .where('id', '!=', id)
    .executeTakeFirst()
  if (other) throw new ConflictError('Another organization has this name already: choose another.')
}

const organizationById = (tx: Tx, id: string): Promise<Organization> =>
  tx.db.selectFrom('organizations').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

import { sql } from 'kysely'
import { z } from 'zod'
import type { Organization } from '#db/tables.ts'
import { type SignedIn, targetOf, type Viewer } from './access.ts'
import { perform } from './activity.ts'
import { boundsOf, insertApiKey } from './apiKey.ts'
import { ConflictError, NotFoundError } from './errors.ts'
import { newId } from './ids.ts'
import { idempotencyKey, name } from './inputs.ts'
import { nameKey } from './names.ts'
import type { Listing } from './page.ts'
import type { Store, Tx } from './store.ts'

const WEEK_MS = 7 * 86_400_000

export const createOrganizationInput = z.object({ name: name('The name'), idempotencyKey })
export type CreateOrganizationInput = z.infer<typeof createOrganizationInput>

export interface CreatedOrganization {
  organization: Organization
  /** The secret of its first key; null where an earlier call made it. */
  apiKey: string | null
  replayed: boolean
}

/**
 * Makes an organization below the viewer's own, or for an OPERATOR one at the top, with the first key to
 * act for it.
 */
export function createOrganization(
  store: Store,
  viewer: Viewer,
  input: CreateOrganizationInput,
): Promise<CreatedOrganization> {
  return perform<CreatedOrganization>(
    store,
    viewer,
    'organization:create',
    {
      type: 'CREATE_ORGANIZATION',
      intent: input,
      idempotencyKey: input.idempotencyKey,
      replay: async (tx, id) => ({
        organization: await organizationById(tx, id),
        apiKey: null,
        replayed: true,
      }),
    },
    async (tx, actor) => {
      const organization = await insertOrganization(
        tx,
        input.name,
        actor.role === 'OPERATOR' ? null : actor.organizationId,
      )
      if (!organization) throw new ConflictError('An organization of this name is below yours already.')
      // No wider, and no longer, than what its founder came with.
      const { expiresAt, demo } = await boundsOf(tx, actor)
      const { secret } = await insertApiKey(tx, {
        organizationId: organization.id,
        role: 'ORG_ADMIN',
        scopes: actor.scopes,
        expiresAt,
        demo,
      })
      return { subjectId: organization.id, result: { organization, apiKey: secret, replayed: false } }
    },
  )
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

/** The organizations of this name at the top; there may be several, of strangers. */
export const rootOrganizations = (tx: Tx, organizationName: string): Promise<Organization[]> =>
  tx.db
    .selectFrom('organizations')
    .selectAll()
    .where('name_key', '=', nameKey(organizationName))
    .where('parent_id', 'is', null)
    .limit(2)
    .execute()

/** The organizations below one, oldest first. */
export const childrenOf: Listing = {
  permission: 'organization:read',
  items: 'organizations',
  from: sql`organizations as child`,
  parent: sql.ref('child.parent_id'),
  id: sql.ref('child.id'),
  descending: false,
  filters: [],
}

const organizationById = (tx: Tx, id: string): Promise<Organization> =>
  tx.db.selectFrom('organizations').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

/** The organization that a mutation writes to: the one that the call is for, named or not. */
export function targetOrganization(viewer: SignedIn, organizationId: string | null | undefined): string {
  if (organizationId == null || organizationId === targetOf(viewer)) return targetOf(viewer)
  throw new NotFoundError('There is no such organization, or it is not yours.')
}

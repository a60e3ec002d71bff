import { sql } from 'kysely'
import { z } from 'zod'
import type { AccessGrant, Portal } from '#db/tables.ts'
import type { Viewer } from './access.ts'
import { performByToken } from './activity.ts'
import { InvitationClosedError, NotFoundError } from './errors.ts'
import { type GrantedThings, grantedThings } from './grant.ts'
import { newId } from './ids.ts'
import { idOf } from './inputs.ts'
import { grantClosed } from './invite.ts'
import type { Listing } from './page.ts'
import { hashSecret, kindOfSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'

export const openPortalInput = z.object({ grantToken: z.string(), portalId: idOf('Portal') })
export type OpenPortalInput = z.infer<typeof openPortalInput>

/** Why a portal stays shut. */
export type OpeningRefusal = 'NOT_YET_VALID' | 'EXPIRED' | 'REVOKED' | 'NOT_GRANTED'

export interface OpenedPortal {
  portal: Portal
  openedAt: number
  things: GrantedThings
}

/**
 * Opens a portal with a grant. Every attempt on a portal of the organization is recorded, allowed or
 * refused, and a refusal is told only once its record is durable.
 */
export async function openPortal(
  store: Store,
  viewer: Viewer,
  { grantToken, portalId }: OpenPortalInput,
): Promise<OpenedPortal> {
  const grant = await store.throttle.lookUp(viewer, () => grantOfToken(store, grantToken))
  if (!grant) throw new NotFoundError('No grant belongs to this token.')
  return performByToken<OpenedPortal>(
    store,
    viewer,
    {
      type: 'OPEN_PORTAL',
      organizationId: grant.organization_id,
      intent: { grantId: grant.id, portalId },
      replay: async (tx, openingId) => openedAgain(tx, openingId, grant),
    },
    async (tx) => {
      const things = await grantedThings(tx, grant.invite_id)
      const portal = things.portals.find((granted) => granted.id === portalId)
      const closed = grantClosed(things.invite, tx.now)
      const refusal = portal ? (closed?.reason ?? null) : 'NOT_GRANTED'
      const subjectId = newId('PortalOpening')
      await recordOpening(tx, { id: subjectId, grant, portalId, refusal })
      if (!portal) return { refused: new NotFoundError('This grant opens no such portal.') }
      if (closed) return { refused: new InvitationClosedError(closed) }
      return { subjectId, result: { portal, openedAt: tx.now, things } }
    },
  )
}

async function grantOfToken({ db }: Pick<Store, 'db'>, token: string): Promise<AccessGrant | undefined> {
  if (kindOfSecret(token) !== 'grant') return undefined
  return db
    .selectFrom('access_grants')
    .selectAll()
    .where('token_hash', '=', hashSecret(token))
    .executeTakeFirst()
}

interface Attempt {
  id: string
  grant: AccessGrant
  portalId: string
  refusal: string | null
}

async function recordOpening(tx: Tx, { id, grant, portalId, refusal }: Attempt) {
  const portal = await tx.db
    .selectFrom('portals')
    .select('id')
    .where('id', '=', portalId)
    .where('organization_id', '=', grant.organization_id)
    .executeTakeFirst()
  // A portal of a stranger leaves no trace in this organization's records.
  if (!portal) return
  await tx.db
    .insertInto('portal_openings')
    .values({
      id,
      organization_id: grant.organization_id,
      portal_id: portal.id,
      grant_id: grant.id,
      allowed: refusal === null ? 1 : 0,
      refusal,
      at: tx.now,
    })
    .execute()
}

async function openedAgain(tx: Tx, id: string, grant: AccessGrant): Promise<OpenedPortal> {
  const opening = await tx.db
    .selectFrom('portal_openings')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const portal = await tx.db
    .selectFrom('portals')
    .selectAll()
    .where('id', '=', opening.portal_id)
    .executeTakeFirstOrThrow()
  return { portal, openedAt: opening.at, things: await grantedThings(tx, grant.invite_id) }
}

/** Who has tried to open a portal, newest first. */
export const openingsOfPortal: Listing = {
  permission: 'opening:read',
  items: 'portal_openings',
  from: sql`portal_openings`,
  parent: sql.ref('portal_openings.portal_id'),
  id: sql.ref('portal_openings.id'),
  descending: true,
  filters: [],
}

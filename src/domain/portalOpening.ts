import { sql } from 'kysely'
import { z } from 'zod'
import type { Portal } from '#db/tables.ts'
import { InvitationClosedError, NotFoundError } from './errors.ts'
import { type GrantedThings, grantedThings } from './grant.ts'
import { newId } from './ids.ts'
import { idOf } from './inputs.ts'
import { grantClosed } from './invite.ts'
import type { Listing } from './page.ts'
import { hashSecret, kindOfSecret } from './secrets.ts'
import type { Store } from './store.ts'

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
 * refused; a refusal is thrown only once its record is durable.
 */
export async function openPortal(store: Store, input: OpenPortalInput): Promise<OpenedPortal> {
  const attempt = await store.write(async (tx) => {
    const grant =
      kindOfSecret(input.grantToken) === 'grant'
        ? await tx.db
            .selectFrom('access_grants')
            .selectAll()
            .where('token_hash', '=', hashSecret(input.grantToken))
            .executeTakeFirst()
        : undefined
    if (!grant) return { error: new NotFoundError('No grant belongs to this token.') }
    const things = await grantedThings(tx, grant.invite_id)
    const portal = things.portals.find((granted) => granted.id === input.portalId)
    const closed = grantClosed(things.invite, tx.now)
    const refusal = portal ? (closed?.reason ?? null) : 'NOT_GRANTED'

    // A portal of a stranger leaves no trace in this organization's records.
    const known = await tx.db
      .selectFrom('portals')
      .select('id')
      .where('id', '=', input.portalId)
      .where('organization_id', '=', grant.organization_id)
      .executeTakeFirst()
    if (known) {
      await tx.db
        .insertInto('portal_openings')
        .values({
          id: newId('PortalOpening'),
          organization_id: grant.organization_id,
          portal_id: known.id,
          grant_id: grant.id,
          allowed: refusal === null ? 1 : 0,
          refusal,
          at: tx.now,
        })
        .execute()
    }
    if (!portal) return { error: new NotFoundError('This grant opens no such portal.') }
    if (closed) return { error: new InvitationClosedError(closed) }
    return { portal, openedAt: tx.now, things }
  })
  if ('error' in attempt) throw attempt.error
  return attempt
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

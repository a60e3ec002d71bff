import type { Viewer } from '#domain/access.ts'
import { createApiKey } from '#domain/apiKey.ts'
import { createGuestInvitation } from '#domain/guestInvitation.ts'
import { createIntegration } from '#domain/integration.ts'
import { createInvite } from '#domain/inviteCreation.ts'
import { insertOrganization } from '#domain/organization.ts'
import { createPortal } from '#domain/portal.ts'
import type { Store } from '#domain/store.ts'

const DAY_MS = 86_400_000

const buildings = {
  Headquarters: ['Main Entrance', 'Lobby Portal', 'Garage'],
  'Boat House': ['Jetty Gate', 'Workshop'],
}

export interface Demo {
  organizationId: string
  /** Good for a day, in development only. */
  apiKey: string
}

/** Something to look at in an empty database, and a fresh key to it at each start. */
export async function loadDemo(store: Store): Promise<Demo> {
  const { organizationId, apiKey, viewer, isNew } = await store.write(async (tx) => {
    const existing = await tx.db
      .selectFrom('organizations')
      .select('id')
      .where('name_key', '=', 'demo organization')
      .where('parent_id', 'is', null)
      .executeTakeFirst()
    const id = existing?.id ?? (await insertOrganization(tx, 'Demo Organization', null))?.id
    if (!id) throw new Error('The demo organization could not be made.')
    const expiresAt = tx.now + DAY_MS
    const key = await createApiKey(tx, {
      organizationId: id,
      role: 'ORG_ADMIN',
      name: 'Demo',
      expiresAt,
      demo: true,
    })
    const admin: Viewer = { kind: 'key', keyId: key.id, organizationId: id, role: 'ORG_ADMIN' }
    return { organizationId: id, apiKey: key.secret, viewer: admin, isNew: !existing }
  })
  if (isNew) await loadBuildings(store, viewer)
  return { organizationId, apiKey }
}

async function loadBuildings(store: Store, viewer: Viewer) {
  for (const [name, doors] of Object.entries(buildings)) {
    const integration = await createIntegration(store, viewer, { name })
    const portalIds: string[] = []
    for (const door of doors) {
      portalIds.push((await createPortal(store, viewer, { integrationId: integration.id, name: door })).id)
    }
    await createInvite(store, viewer, {
      integrationId: integration.id,
      portalIds,
      name: `Visitors of ${name}`,
      expiresIn: '1w',
      maxUses: 50,
      inviteeMessage: [
        { locale: 'en', text: `Welcome to ${name}.` },
        { locale: 'de', text: `Willkommen: ${name}.` },
      ],
    })
    await createInvite(store, viewer, {
      integrationId: integration.id,
      portalIds: portalIds.slice(0, 1),
      name: 'Open day',
      startsIn: '2d',
      expiresIn: '8h',
    })
  }
  await createGuestInvitation(store, viewer, {
    email: 'partner@example.com',
    expiresAt: store.now() + 14 * DAY_MS,
  })
}

import type { Viewer } from '#domain/access.ts'
import { insertApiKey } from '#domain/apiKey.ts'
import { createGuestInvitation } from '#domain/guestInvitationCreation.ts'
import { createIntegration } from '#domain/integration.ts'
import { createInvite } from '#domain/inviteCreation.ts'
import { insertOrganization, rootOrganizations } from '#domain/organization.ts'
import { createPortal } from '#domain/portal.ts'
import type { Store } from '#domain/store.ts'

const NAME = 'Demo Organization'
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
    const [existing] = await rootOrganizations(tx, NAME)
    const id = existing?.id ?? (await insertOrganization(tx, NAME, null))?.id
    if (!id) throw new Error('The demo organization could not be made.')
    const expiresAt = tx.now + DAY_MS
    const { apiKey, secret } = await insertApiKey(tx, {
      organizationId: id,
      role: 'ORG_ADMIN',
      name: 'Demo',
      expiresAt,
      demo: true,
    })
    const admin: Viewer = {
      kind: 'key',
      actorId: apiKey.id,
      organizationId: id,
      role: 'ORG_ADMIN',
      scopes: null,
    }
    return { organizationId: id, apiKey: secret, viewer: admin, isNew: !existing }
  })
  if (isNew) await loadBuildings(store, viewer)
  return { organizationId, apiKey }
}

async function loadBuildings(store: Store, viewer: Viewer) {
  for (const [name, doors] of Object.entries(buildings)) {
    const { integration } = await createIntegration(store, viewer, { name })
    const portalIds: string[] = []
    for (const door of doors) {
      const { portal } = await createPortal(store, viewer, { integrationId: integration.id, name: door })
      portalIds.push(portal.id)
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

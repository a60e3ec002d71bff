import { type Permission, permissions, roles } from '#domain/access.ts'
import { insertApiKey } from '#domain/apiKey.ts'
import { type CallOptions, organization, type TestApp } from '../kit/app.ts'
import { asked, type Estate } from '../kit/estate.ts'
import { CONNECTED, DELEGABLE, POLICY } from './policy.ts'

/** Somebody who asks for the things of one organization, and what the policy lets them do. */
export interface Caller {
  name: string
  /** Without a key, anonymous. */
  isSignedIn: boolean
  /** Whether what they came with is refused, whatever they ask for. */
  isBad?: boolean
  /** Whether they belong to another organization and say nothing of the one whose things they ask for. */
  isStranger?: boolean
  /** Whether they may do it anywhere at all. */
  mayAtHome(permission: string): boolean
  /** Whether they may do it in the organization whose things they ask for. */
  may(permission: string): boolean
  optionsFor(of: Estate): Promise<CallOptions>
}

const never = () => false
const admin = (permission: string) => POLICY[permission]?.includes('ORG_ADMIN') ?? false

/** Everybody whom the table of permissions tells apart. */
export async function callers(app: TestApp): Promise<Caller[]> {
  const other = await organization(app, 'Other')
  return [
    { name: 'anonymous', isSignedIn: false, mayAtHome: never, may: never, optionsFor: async () => ({}) },
    ...roles.map((role) => member(app, role)),
    {
      ...{ name: 'admin of another', isSignedIn: true, isStranger: true, mayAtHome: admin, may: never },
      optionsFor: async () => ({ key: other.key }),
    },
    await connected(app, 'connected without scopes', []),
    await connected(app, 'connected with scopes', ['invite:create', 'invite:read', 'event:read']),
    await parent(app),
    keyHolder(app, 'revoked', async (id) => {
      await app.store.db.selectFrom('api_keys').select('id').where('id', '=', id).executeTakeFirstOrThrow()
      await app.store.write((tx) =>
        tx.db.updateTable('api_keys').set({ revoked_at: tx.now }).where('id', '=', id).execute(),
      )
    }),
    keyHolder(app, 'expired', (id) =>
      app.store.write((tx) =>
        tx.db.updateTable('api_keys').set({ expires_at: tx.now }).where('id', '=', id).execute(),
      ),
    ),
  ]
}

function member(app: TestApp, role: (typeof roles)[number]): Caller {
  const may = (permission: string) => POLICY[permission]?.includes(role) ?? false
  return {
    ...{ name: role, isSignedIn: true, mayAtHome: may, may },
    optionsFor: async ({ id: organizationId }) => {
      const { secret } = await app.store.write((tx) => insertApiKey(tx, { organizationId, role }))
      return { key: secret }
    },
  }
}

/** An admin's key that may do these things only. */
export function narrowed(app: TestApp, name: string, scopes: readonly string[]): Caller {
  const may = (permission: string) => scopes.includes(permission) && admin(permission)
  return {
    ...{ name, isSignedIn: true, mayAtHome: may, may },
    optionsFor: async ({ id: organizationId }) => {
      const key = { organizationId, role: 'ORG_ADMIN', scopes: scopes as Permission[] } as const
      const { secret } = await app.store.write((tx) => insertApiKey(tx, key))
      return { key: secret }
    },
  }
}

export const allBut = (unwanted: readonly string[]) =>
  permissions.filter((permission) => !unwanted.includes(permission))

async function connected(app: TestApp, name: string, scopes: string[]): Promise<Caller> {
  const partner = await organization(app, name)
  const there = [...CONNECTED, ...scopes]
  return {
    ...{
      name,
      isSignedIn: true,
      mayAtHome: (permission) => admin(permission) && readsOrMay(permission, there),
    },
    may: (permission) => there.includes(permission) && admin(permission),
    optionsFor: async ({ id }) => {
      await asked(app, partner.id, id, { at: app.time.now(), guestAllows: scopes })
      return { key: partner.key, headers: { 'target-organization-id': id } }
    },
  }
}

/** With a target, what is one's own can still be read, and is not written. */
const readsOrMay = (permission: string, there: readonly string[]) =>
  permission.endsWith(':read') || there.includes(permission)

async function parent(app: TestApp): Promise<Caller> {
  const above = await organization(app, 'Above')
  const there = [...CONNECTED, ...DELEGABLE]
  return {
    ...{ name: 'admin of the parent', isSignedIn: true },
    mayAtHome: (permission) => admin(permission) && readsOrMay(permission, there),
    may: (permission) => there.includes(permission) && admin(permission),
    optionsFor: async ({ id }) => {
      await app.store.write((tx) =>
        tx.db.updateTable('organizations').set({ parent_id: above.id }).where('id', '=', id).execute(),
      )
      return { key: above.key, headers: { 'target-organization-id': id } }
    },
  }
}

/** A key that was good once. */
const keyHolder = (app: TestApp, name: string, end: (id: string) => Promise<unknown>): Caller => ({
  ...{ name, isSignedIn: true, isBad: true, mayAtHome: never, may: never },
  optionsFor: async ({ id: organizationId }) => {
    const key = await app.store.write((tx) => insertApiKey(tx, { organizationId, role: 'ORG_ADMIN' }))
    await end(key.apiKey.id)
    return { key: key.secret }
  },
})

import { type Role, roles } from '#domain/access.ts'
import { insertApiKey } from '#domain/apiKey.ts'
import { endApiKey } from '#domain/apiKeyRevocation.ts'
import { createOrganizationInput, insertOrganization, rootOrganizations } from '#domain/organization.ts'
import type { Store } from '#domain/store.ts'
import type { Env } from '../env.ts'
import { CommandError, optionsOf, print, withStore } from './command.ts'

/**
 * `npm run key -- --organization "Name" [--role ORG_ADMIN] [--name "Front desk"]`: makes a key, and the
 * organization if it is not there, and prints one line of JSON. `--revoke <id or prefix>` ends a key.
 */
export async function key(env: Env, args: string[]): Promise<number> {
  const options = optionsOf(args, ['organization', 'role', 'name', 'revoke'])
  const role = roles.find((known) => known === (options.role ?? 'ORG_ADMIN'))
  if (!role) throw new CommandError(`--role must be one of ${roles.join(', ')}.`)
  const { organization, revoke } = options
  await withStore(env.databaseUrl, async (store) => {
    if (revoke) return print(JSON.stringify({ revoked: await revokeOne(store, revoke) }))
    const named = createOrganizationInput.safeParse({ name: organization ?? '' })
    if (!named.success) {
      const faults = named.error.issues.map((issue) => issue.message).join(' ')
      throw new CommandError(`Name the organization. ${faults} Type: npm run key -- --organization "Acme"`)
    }
    print(JSON.stringify(await makeKey(store, named.data.name, role, options.name)))
  })
  return 0
}

/** A key for the organization of this name, which is made if it is not there. */
export const makeKey = (store: Store, organizationName: string, role: Role, name?: string) =>
  store.write(async (tx) => {
    const [found, another] = await rootOrganizations(tx, organizationName)
    if (another) throw new CommandError(`More than one organization is named "${organizationName}".`)
    const organization = found ?? (await insertOrganization(tx, organizationName, null))
    if (!organization) throw new CommandError(`"${organizationName}" could not be made.`)
    const { secret } = await insertApiKey(tx, { organizationId: organization.id, role, name: name ?? null })
    return { organizationId: organization.id, apiKey: secret }
  })

async function revokeOne(store: Store, idOrPrefix: string): Promise<number> {
  const revoked = await endApiKey(store, idOrPrefix)
  if (revoked === 0) throw new CommandError(`No key that is still good has the id or prefix ${idOrPrefix}.`)
  return revoked
}

import type { Role } from '#domain/access.ts'
import { createIdentityProvider } from '#server/identityProvider.ts'
import { startIdentityProvider } from '../kit/identityProvider.ts'
import { startServer } from '../kit/server.ts'
import { house } from '../kit/story.ts'
import { member } from './people.ts'

/** The server in real time, with an identity provider, and a house in which ada is a member. */
export async function follower(role: Role = 'ORG_MEMBER') {
  const provider = await startIdentityProvider()
  const identityProvider = createIdentityProvider({ ...provider, clockToleranceSeconds: 0, now: Date.now })
  const server = { ...(await startServer({ identityProvider })), provider }
  const acme = await house(server)
  await member(server, acme.id, { name: 'eve' })
  return { server, provider, acme, ada: await member(server, acme.id, { role }) }
}

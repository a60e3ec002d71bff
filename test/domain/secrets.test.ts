import { expect, test } from 'vitest'
import { hashSecret, kindOfSecret } from '#domain/secrets.ts'
import { testApp } from '../kit/app.ts'
import { dump } from '../kit/dump.ts'
import {
  ACCEPT_GUEST_INVITATION,
  ACCEPT_INVITE,
  asker,
  CREATE_GUEST_INVITATION,
  house,
  invite,
  OPEN_PORTAL,
  REVOKE_INVITE,
} from '../kit/story.ts'
import { DAY } from '../kit/time.ts'

test('of every secret only its hash is kept, and none is logged', async () => {
  const app = await testApp()
  const acme = await house(app)
  const stranger = asker(app)
  const { token, id } = await invite(acme, { maxUses: 2, idempotencyKey: 'once' })
  const { acceptInvite } = await stranger(ACCEPT_INVITE, { input: { token, idempotencyKey: 'once' } })
  const { grantToken } = acceptInvite
  await stranger(OPEN_PORTAL, { input: { grantToken, portalId: acme.portalIds[0] } })
  const { createGuestInvitation } = await acme.ask(CREATE_GUEST_INVITATION, {
    input: { email: 'ada@guest.example', expiresAt: new Date(app.time.now() + DAY).toISOString() },
  })
  const { acceptGuestInvitation } = await stranger(ACCEPT_GUEST_INVITATION, {
    input: { token: createGuestInvitation.token, organizationName: 'Guests' },
  })
  const { createOrganization } = await acme.ask(
    `mutation { createOrganization(input: { name: "Below" }) { ... on CreateOrganizationPayload { apiKey } } }`,
  )
  const { createApiKey } = await acme.ask(
    `mutation { createApiKey(input: { name: "CI", role: ORG_VIEWER }) { ... on CreateApiKeyPayload { secret apiKey { id } } } }`,
  )
  const { rotateApiKey } = await acme.ask(
    `mutation ($id: ID!) { rotateApiKey(input: { id: $id }) { ... on RotateApiKeyPayload { secret } } }`,
    { id: createApiKey.apiKey.id },
  )
  await acme.ask(REVOKE_INVITE, { id })
  // Ways to fail that have a secret in their hands.
  await stranger(ACCEPT_INVITE, { input: { token } })
  await stranger(OPEN_PORTAL, { input: { grantToken, portalId: acme.portalIds[0] } })
  const failures = [
    await app.call(ACCEPT_INVITE, { input: { token: [token] } }),
    await app.call(ACCEPT_INVITE, { input: { token, maxUses: grantToken } }),
    await app.call(OPEN_PORTAL, { input: { grantToken: { secret: grantToken }, portalId: token } }),
    await app.call('{ organization { id } }', {}, { key: `${acme.key}x` }),
    await app.call(`{ invite(id: "${token}") { id } }`, {}, { key: acme.key }),
  ]

  const secrets: Record<string, string> = {
    invite: token,
    grant: grantToken,
    guest: createGuestInvitation.token,
    guestKey: acceptGuestInvitation.apiKey,
    ownKey: acme.key,
    belowKey: createOrganization.apiKey,
    newKey: createApiKey.secret,
    rotatedKey: rotateApiKey.secret,
  }
  const kept = JSON.stringify(await dump(app))
  for (const [name, secret] of Object.entries(secrets)) {
    expect(kindOfSecret(secret), name).toBeDefined()
    const random = secret.slice(secret.lastIndexOf('_', secret.length - 44) + 1)
    expect(random, name).toHaveLength(43)
    expect(kept, `${name} is at rest`).not.toContain(random)
    expect(kept, `${name}’s hash`).toContain(hashSecret(secret))
    expect(app.logged.join(), `${name} is logged`).not.toContain(random)
    expect(JSON.stringify(failures), `${name} is in an error`).not.toContain(random)
  }
})

test('nothing that can be read leads back to a secret', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { token } = await invite(acme)
  const { __schema } = await acme.ask(`{ __schema { types { name kind fields { name } } } }`)
  const readable = __schema.types
    .filter(
      ({ name, kind }: { name: string; kind: string }) =>
        kind === 'OBJECT' && !/^Mutation$|Payload$/.test(name),
    )
    .flatMap((type: { name: string; fields: { name: string }[] }) =>
      type.fields.map((field) => `${type.name}.${field.name}`),
    )
  expect(readable.length).toBeGreaterThan(50)
  const telling = (name: string) => /\.(.*(token|secret|hash).*|apiKey.*)$/i.test(name)
  expect(readable.filter(telling)).toEqual(['Organization.apiKeys'])
  expect(token).toMatch(/^lk_invite_[\w-]{43}$/)
})

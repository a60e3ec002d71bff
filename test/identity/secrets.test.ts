import { expect, test } from 'vitest'
import { hashSecret, kindOfSecret } from '#domain/secrets.ts'
import { dump } from '../kit/dump.ts'
import { estate } from '../kit/estate.ts'
import { documentOf, goodInputs, inputOf, keyFor, mutationFields } from '../kit/mutations.ts'
import { createStamper } from '../kit/stamper.ts'
import {
  ACCEPT_GUEST_INVITATION,
  ACCEPT_INVITE,
  asker,
  CREATE_GUEST_INVITATION,
  CREATE_INVITE,
} from '../kit/story.ts'
import { CREATE_KEY, identityApp, member, ROTATE_KEY } from './people.ts'

const CREATE_ORGANIZATION = `mutation ($input: CreateOrganizationInput!) {
  createOrganization(input: $input) { ... on CreateOrganizationPayload { apiKey } } }`

/** Whatever looks like a secret of ours. */
const secretsIn = (answer: unknown) => JSON.stringify(answer).match(/lk_[a-z]+_[\w-]{43}/g) ?? []

/** A story in which everything is given out once: all the secrets in it, by what they are. */
async function story() {
  const app = await identityApp({ limits: { unknownTokensPerMinute: 1_000_000 } })
  const acme = await estate(app)
  const { token: jwt } = await member(app, acme.id)
  const given = [
    acme.key,
    acme.inviteToken,
    acme.grantToken,
    acme.guestToken,
    acme.partner.key,
    acme.stranger.key,
  ]
  const ask = async (document: string, input: object, key?: string) => {
    const [secret] = secretsIn(await asker(app, key)(document, { input }))
    if (!secret) throw new Error(`Nothing was given out: ${document}`)
    given.push(secret)
    return secret
  }
  const { integrationId, portalIds, ids } = acme
  const link = await ask(
    CREATE_INVITE,
    { integrationId, portalIds, idempotencyKey: 'a', name: 'For Ada' },
    jwt,
  )
  await ask(ACCEPT_INVITE, { token: link, guestName: 'Ada', idempotencyKey: 'a' })
  const expiresAt = '2031-01-01T00:00:00Z'
  const guest = await ask(
    CREATE_GUEST_INVITATION,
    { email: 'b@example.com', expiresAt, idempotencyKey: 'b' },
    acme.key,
  )
  await ask(ACCEPT_GUEST_INVITATION, { token: guest, organizationName: 'Guests' })
  await ask(CREATE_KEY, { name: 'CI', role: 'ORG_ADMIN', idempotencyKey: 'c' }, jwt)
  await ask(ROTATE_KEY, { id: ids.ApiKey, idempotencyKey: 'd' }, acme.key)
  await ask(CREATE_ORGANIZATION, { name: 'Below', idempotencyKey: 'e' }, acme.key)
  return { app, acme, jwt, given: [...new Set(given)] }
}

/** The part of each that nobody could guess. */
const unguessable = (secret: string) =>
  kindOfSecret(secret) ? secret.slice(-43) : secret.slice(secret.lastIndexOf('.') + 1)

test('of all that was given out, nothing is kept, logged or told again, and of ours only the hash is', async () => {
  const { app, acme, jwt, given } = await story()
  const answers: string[] = []
  const send = async (document: string, input: unknown, key?: string) =>
    answers.push(JSON.stringify(await app.call(document, { input }, { key })))
  // Every mutation again, as good as it was, and as good as it was not.
  for (const { name } of mutationFields()) {
    const good = goodInputs(acme)[name] ?? {}
    await send(documentOf(name), good, keyFor(name, acme))
    await send(documentOf(name), good, jwt)
    await send(documentOf(name), good)
    for (const field of Object.keys(inputOf(name).getFields())) {
      // What callers write themselves is theirs to read again.
      if (/name$|tags|message|idempotencyKey/i.test(field)) continue
      for (const secret of [...given.slice(0, 4), jwt]) {
        for (const value of [secret, [secret], { secret }])
          await send(documentOf(name), { ...good, [field]: value }, acme.key)
      }
    }
    for (const secret of given) await send(documentOf(name), { ...good, unknown: secret }, acme.key)
  }
  for (const secret of [...given, jwt]) {
    for (const broken of [`${secret}x`, secret.slice(0, -1), `"${secret}"`])
      await send('{ __typename }', {}, broken)
    for (const headers of [
      { 'x-stamp': secret },
      { 'target-organization-id': secret },
      { 'requester-organization-id': secret },
    ]) {
      answers.push(
        JSON.stringify(
          await app.call(
            '{ __typename }',
            {},
            { key: headers['x-stamp'] ? undefined : acme.key, headers: headers as never },
          ),
        ),
      )
      answers.push(
        JSON.stringify(await app.call('{ __typename }', {}, { key: jwt, headers: headers as never })),
      )
    }
    await send(`{ node(id: "${secret}") { id } }`, {}, acme.key)
  }
  const { publicKey, stamp } = createStamper()
  answers.push(
    JSON.stringify(await app.call('{ __typename }', {}, { headers: { 'x-stamp': await stamp('x') } })),
  )
  expect(answers.length).toBeGreaterThan(500)

  const kept = JSON.stringify(await dump(app))
  const told = answers.join('\n')
  const logged = app.logged.join('\n')
  for (const secret of [...given, jwt]) {
    const random = unguessable(secret)
    expect(random.length, secret.slice(0, 12)).toBeGreaterThan(40)
    for (const [where, text] of Object.entries({ kept, told, logged })) {
      expect(text.includes(random), `${secret.slice(0, 12)}… is ${where}`).toBe(false)
    }
    // Of a link that was made anew, not even that.
    const isHashed = kindOfSecret(secret) !== undefined && secret !== acme.inviteToken
    expect(kept.includes(hashSecret(secret)), secret.slice(0, 12)).toBe(isHashed)
  }
  expect(told).not.toContain(publicKey)
  expect(new Set(given.map(kindOfSecret))).toEqual(new Set(['apiKey', 'invite', 'grant', 'guestInvitation']))
})

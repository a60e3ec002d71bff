import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { createIdentityProvider } from '#server/identityProvider.ts'
import type { AsymmetricAlgorithm } from '#server/jwtAlgorithms.ts'
import { startIdentityProvider } from '../kit/identityProvider.ts'
import { HOUR, ManualTime, SECOND } from '../kit/time.ts'

const TOLERANCE = 10

async function start({ algorithm = 'ES256' } = {}) {
  const time = new ManualTime()
  const idp = await startIdentityProvider({ now: time.now, algorithm })
  const { verify } = createIdentityProvider({ ...idp, clockToleranceSeconds: TOLERANCE, now: time.now })
  const epoch = time.now() / 1000
  return { time, idp, verify, epoch }
}

const refusal = (message: string) => ({ code: 'UNAUTHENTICATED', message, details: {} })

test.each(['RS256', 'ES256', 'EdDSA'])('a good token signed with %s says who calls', async (algorithm) => {
  const { idp, verify, time } = await start({ algorithm })

  const token = await idp.sign({ email: ' Ada@example.com ', email_verified: true, name: 'Ada' })

  expect(await verify(token)).toEqual({
    issuer: idp.issuer,
    subject: 'user-1',
    email: 'Ada@example.com',
    emailVerified: true,
    name: 'Ada',
    expiresAt: time.now() + HOUR + TOLERANCE * SECOND,
  })
})

test.each([
  [{}, { email: null, emailVerified: false, name: null }],
  [{ email: 'a@example.com' }, { email: 'a@example.com', emailVerified: false }],
  [{ email: 'a@example.com', email_verified: 'true' }, { emailVerified: true }],
  [{ email: 'a@example.com', email_verified: 'false' }, { emailVerified: false }],
  [{ email: 'a@example.com', email_verified: 1 }, { emailVerified: false }],
  [
    { email: ['a@example.com'], email_verified: true, name: 7 },
    { email: null, emailVerified: false, name: null },
  ],
  [
    { email_verified: true, name: ' ' },
    { email: null, emailVerified: false, name: null },
  ],
  [{ aud: ['another', 'latchkey'] }, { subject: 'user-1' }],
])('of the claims %j comes %j', async (claims, identity) => {
  const { idp, verify } = await start()
  expect(await verify(await idp.sign(claims))).toMatchObject(identity)
})

test.each([
  ['another issuer', { iss: 'https://evil.example' }, /another identity provider/],
  ['another audience', { aud: 'another' }, /another audience/],
  ['no issuer', { iss: undefined }, /no "iss" claim/],
  ['no audience', { aud: undefined }, /no "aud" claim/],
  ['no subject', { sub: undefined }, /no "sub" claim/],
  ['an empty subject', { sub: '' }, /"sub" claim of this token is not usable/],
  ['no expiry', { exp: undefined }, /no "exp" claim/],
  ['an expiry that is no number', { exp: '4000000000' }, /"exp" claim .* not usable/],
])('a token with %s is refused', async (_name, claims, message) => {
  const { idp, verify } = await start()
  await expect(verify(await idp.sign(claims))).rejects.toMatchObject(refusal(expect.stringMatching(message)))
})

test('a token is refused from its expiry on, when the tolerance too has passed', async () => {
  const { idp, verify, time, epoch } = await start()
  const token = await idp.sign({ exp: epoch + 60 })
  const { expiresAt } = await verify(token)

  time.advance(expiresAt - time.now() - 1)
  expect(await verify(token)).toMatchObject({ subject: 'user-1', expiresAt })

  time.advance(1)
  expect(time.now()).toBe((epoch + 60 + TOLERANCE) * 1000)
  await expect(verify(token)).rejects.toMatchObject(refusal('This token has expired. Sign in again.'))
})

test('a token that is not valid yet is refused, but for the tolerance', async () => {
  const { idp, verify, time, epoch } = await start()
  const token = await idp.sign({ nbf: epoch + TOLERANCE + 1 })

  await expect(verify(token)).rejects.toMatchObject(refusal('This token is not valid yet.'))

  time.advance(SECOND)
  expect(await verify(token)).toMatchObject({ subject: 'user-1' })
})

test('what is no token is refused', async () => {
  const { idp, verify } = await start()
  const [header, payload] = (await idp.sign()).split('.')
  const critical = Buffer.from('{"alg":"ES256","crit":["x"],"x":1}').toString('base64url')

  for (const text of ['', 'secret', 'a.b.c', `${header}.${payload}`, `${critical}.${payload}.AAAA`]) {
    await expect(verify(text)).rejects.toMatchObject(refusal('This is not a well-formed JSON Web Token.'))
  }
})

test('another key under the published name, and a changed payload, do not pass', async () => {
  const { idp, verify } = await start()
  const { privateKey } = await generateKeyPair('ES256')
  const [header, , signature] = (await idp.sign()).split('.')
  const [, payload] = (await idp.sign({ sub: 'user-2' })).split('.')

  for (const token of [await idp.sign({}, { privateKey }), `${header}.${payload}.${signature}`]) {
    await expect(verify(token)).rejects.toMatchObject(refusal('The signature of this token is not good.'))
  }
})

test('algorithm none, and the public key used as a shared secret, do not pass', async () => {
  const { idp, verify, epoch } = await start({ algorithm: 'RS256' })
  const claims = { iss: idp.issuer, aud: idp.audience, sub: 'user-1', exp: epoch + 60 }
  const secrets = [await exportSPKI(idp.publicKey()), JSON.stringify(await exportJWK(idp.publicKey()))]
  const confused = secrets.map((secret) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
      .sign(new TextEncoder().encode(secret)),
  )

  for (const token of [new UnsecuredJWT(claims).encode(), ...(await Promise.all(confused))]) {
    await expect(verify(token)).rejects.toMatchObject(
      refusal('This token is signed with an algorithm that is not accepted here.'),
    )
  }
  expect(idp.fetches()).toBe(0)
})

test('an algorithm that is not configured does not pass; a symmetric one cannot be configured', async () => {
  const { idp } = await start()

  const provider = createIdentityProvider({ ...idp, algorithms: ['RS256'] })

  await expect(provider.verify(await idp.sign())).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  for (const algorithms of [['HS256'], ['none'], ['RS256', 'HS512'], []]) {
    expect(() => createIdentityProvider({ ...idp, algorithms: algorithms as AsymmetricAlgorithm[] })).toThrow(
      TypeError,
    )
  }
})

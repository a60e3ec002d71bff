import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { onTestFinished } from 'vitest'
import { HOUR } from './time.ts'

/** What a token says; `undefined` leaves a claim out. */
export type Claims = Record<string, unknown>

/** How a token is to differ from a good one, apart from its claims. */
export interface SignOptions {
  /** Another key than the one that is published. */
  privateKey?: CryptoKey
  /** What its header says; `undefined` leaves a member out. */
  header?: Record<string, unknown>
}

/** An identity provider on a port of its own, its time given, gone when the test has finished. */
export async function startIdentityProvider({ now = () => Date.now(), algorithm = 'ES256' } = {}) {
  const audience = 'latchkey'
  const keys = [await newKey(algorithm, 1)]
  const signer = () => keys.at(-1) as PublishedKey
  let published = 1
  let status = 200
  let fetches = 0
  const server = createServer((_request, response) => {
    fetches += 1
    response.writeHead(status, { 'content-type': 'application/jwk-set+json' })
    response.end(JSON.stringify({ keys: keys.map((key) => key.jwk) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  /** A token of user-1 that is good for an hour, with these claims. */
  async function sign(claims: Claims = {}, { privateKey, header }: SignOptions = {}): Promise<string> {
    const iat = Math.floor(now() / 1000)
    const all = { iss: issuer, aud: audience, sub: 'user-1', iat, exp: iat + HOUR / 1000, ...claims }
    return new SignJWT(defined(all))
      .setProtectedHeader({ alg: algorithm, ...defined({ typ: 'JWT', kid: signer().jwk.kid, ...header }) })
      .sign(privateKey ?? signer().privateKey)
  }

  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
    return stopping
  }
  onTestFinished(stop)

  return {
    now,
    issuer,
    audience,
    jwksUrl: `${issuer}/.well-known/jwks.json`,
    sign,
    /** Signs with a new key from now on; the ones before are published no longer, unless they are to be kept. */
    async rotate({ keep = false } = {}) {
      published += 1
      const key = await newKey(algorithm, published)
      keys.splice(keep ? keys.length : 0, keys.length, key)
    },
    /** What the request for the keys is answered with. */
    answerWith(code: number) {
      status = code
    },
    /** How many times the keys were asked for. */
    fetches: () => fetches,
    publicKey: () => signer().publicKey,
    stop,
  }
}

type PublishedKey = Awaited<ReturnType<typeof newKey>>

async function newKey(algorithm: string, number: number) {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: `key-${number}`, use: 'sig', alg: algorithm }
  return { publicKey, privateKey, jwk }
}

const defined = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

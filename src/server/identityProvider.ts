import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import { Refusal } from '#domain/errors.ts'
import { emailAddress } from '#domain/inputs.ts'
import { type AsymmetricAlgorithm, asymmetricAlgorithms } from './jwtAlgorithms.ts'

export interface IdentityProviderOptions {
  /** As in `iss`, to the letter: a slash at its end counts. */
  issuer: string
  audience: string
  jwksUrl: string
  algorithms?: readonly AsymmetricAlgorithm[] | undefined
  /** How far its clock may be from ours. */
  clockToleranceSeconds?: number | undefined
  now: () => number
}

/** Who a token stands for, as the identity provider says. */
interface Identity {
  readonly issuer: string
  /** Unique, and never reassigned, within the issuer. */
  readonly subject: string
  readonly email: string | null
  readonly emailVerified: boolean
  readonly name: string | null
  /** The instant, in milliseconds, from which the token is refused; the clock tolerance is in it. */
  readonly expiresAt: number
}

/** Checks the bearer tokens of one identity provider. */
export interface IdentityProvider {
  /** Who the token stands for. Throws a `Refusal`, or `IdentityProviderUnavailableError`. */
  verify(token: string): Promise<Identity>
}

/** The identity provider's keys cannot be had: nothing is known of the token. For the log, not for clients. */
export class IdentityProviderUnavailableError extends Error {
  constructor(cause: unknown) {
    super('The keys of the identity provider cannot be read.', { cause })
    this.name = 'IdentityProviderUnavailableError'
  }
}

/** Between two attempts to fetch the keys, in milliseconds, however many tokens come. */
const FETCH_INTERVAL = 2_000

/** A name as ours are: of at most 200 characters, without control characters. */
const oneLine = (text: string) => {
  const clean = text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
  return [...clean].slice(0, 200).join('')
}

const claimsSchema = z.object({
  // What is not well-formed is not stored as it is: two of them could become one.
  sub: z
    .string()
    .min(1)
    .max(255)
    .refine((text) => text.isWellFormed()),
  exp: z.number(),
  email: z.string().trim().max(254).pipe(emailAddress).nullable().catch(null),
  // Some providers send it as text.
  email_verified: z.literal([true, 'true']).nullable().catch(null),
  name: z.string().transform(oneLine).pipe(z.string().min(1)).nullable().catch(null),
})

/** An identity provider whose tokens are JWTs signed with the keys of its JWKS. It fetches nothing yet. */
export function createIdentityProvider({
  issuer,
  audience,
  jwksUrl,
  algorithms = ['RS256', 'ES256', 'EdDSA'],
  clockToleranceSeconds = 30,
  now,
}: IdentityProviderOptions): IdentityProvider {
  if (algorithms.length === 0 || algorithms.some((name) => !asymmetricAlgorithms.includes(name))) {
    throw new TypeError(`The algorithms must be among ${asymmetricAlgorithms.join(', ')}.`)
  }
  const keys = publishedKeys(jwksUrl)
  return {
    async verify(token) {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: [...algorithms],
        requiredClaims: ['sub', 'exp'],
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(now()),
      }).catch((error: unknown) => {
        throw refusalOf(error) ?? error
      })
      const { data: claims } = claimsSchema.safeParse(payload)
      if (!claims) throw new Refusal('UNAUTHENTICATED', 'The "sub" claim of this token is not usable.')
      return {
        issuer,
        subject: claims.sub,
        email: claims.email,
        emailVerified: claims.email !== null && claims.email_verified !== null,
        name: claims.name,
        expiresAt: (Math.ceil(claims.exp) + clockToleranceSeconds) * 1000,
      }
    },
  }
}

/** The keys at the URL, kept, and fetched anew when old or when a token names one that is not among them. */
function publishedKeys(jwksUrl: string): JWTVerifyGetKey {
  let nextFetch = 0
  const keys = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: 5_000,
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
    // jose counts its cooldown from the last success: without this an outage would mean one fetch a token.
    [customFetch](url, options) {
      if (Date.now() < nextFetch) return Promise.reject(new Error('The keys were asked for a moment ago.'))
      nextFetch = Date.now() + FETCH_INTERVAL
      return fetch(url, options)
    },
  })
  return async (header, token) => {
    try {
      return await keys(header, token)
    } catch (error) {
      const { JWKSNoMatchingKey, JWKSMultipleMatchingKeys } = errors
      if (error instanceof JWKSNoMatchingKey || error instanceof JWKSMultipleMatchingKeys) throw error
      throw new IdentityProviderUnavailableError(error)
    }
  }
}

const faults: Record<string, string> = {
  [errors.JWTExpired.code]: 'This token has expired. Sign in again.',
  [errors.JWSSignatureVerificationFailed.code]: 'The signature of this token is not good.',
  [errors.JOSEAlgNotAllowed.code]: 'This token is signed with an algorithm that is not accepted here.',
  [errors.JWKSNoMatchingKey.code]: 'This token names a key that the identity provider does not publish.',
  [errors.JWKSMultipleMatchingKeys.code]: 'This token does not say which key signed it.',
}

const claimFaults: Record<string, string> = {
  iss: 'This token was issued by another identity provider than the one trusted here.',
  aud: 'This token was issued for another audience.',
  nbf: 'This token is not valid yet.',
}

/** What is wrong with the token, in general: nothing of the token is repeated. */
function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof errors.JOSEError)) return undefined
  return new Refusal('UNAUTHENTICATED', faults[error.code] ?? claimFaultOf(error))
}

function claimFaultOf(error: errors.JOSEError): string {
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 'This is not a well-formed JSON Web Token.'
  const { claim, reason } = error
  if (reason === 'missing') return `This token has no "${claim}" claim.`
  if (reason === 'invalid') return `The "${claim}" claim of this token is not usable.`
  return claimFaults[claim] ?? 'A claim of this token is not acceptable.'
}

import { anonymous, isSignedIn, type SignedIn, type Viewer } from '#domain/access.ts'
import { actingFor } from '#domain/acting.ts'
import { viewerOfKey, viewerOfPublicKey } from '#domain/credentials.ts'
import { Refusal } from '#domain/errors.ts'
import { kindOfSecret } from '#domain/secrets.ts'
import { checkLiveness, readStamp, stampFingerprint, verifyStamp } from '#domain/stamp.ts'
import type { Store } from '#domain/store.ts'
import { viewerOfIdentity } from '#domain/user.ts'
import type { IdentityProvider } from './identityProvider.ts'

/** A header of the request; over WebSocket, what stands for one. */
export type HeaderReader = (name: string) => string | null | undefined

/** The body of a request, byte for byte as it was signed. */
export interface SignedBody {
  bytes: Uint8Array
  /** `extensions.timestampMs` of the operation in it. */
  timestampMs: unknown
}

export interface Gatekeepers {
  readonly store: Store
  /** Who vouches for people; without one, only keys come in. */
  readonly identityProvider?: IdentityProvider | undefined
}

/**
 * Who calls, and for which organization: anonymous without credentials, never with bad ones. A key or a
 * token comes as `Authorization: Bearer`, a signature over the body as `X-Stamp`.
 */
export async function authenticate(
  gatekeepers: Gatekeepers,
  header: HeaderReader,
  body?: SignedBody,
): Promise<Viewer> {
  const viewer = await credentialHolder(gatekeepers, header, body)
  const requester = header('requester-organization-id')
  const target = targetNamed(header)
  if (requester && isSignedIn(viewer) && requester !== viewer.organizationId) {
    throw new Refusal('FORBIDDEN', 'Requester-Organization-ID must be the organization of your credential.')
  }
  if (!target) return viewer
  if (!isSignedIn(viewer)) {
    throw new Refusal('UNAUTHENTICATED', 'Target-Organization-ID needs a member or a key of an organization.')
  }
  if (viewer.stamp && target !== viewer.organizationId) {
    // The signature covers the body alone: with another header, anybody could turn it elsewhere.
    throw new Refusal('FORBIDDEN', 'A signed request is for the organization of its key only.')
  }
  return actingFor(gatekeepers.store, viewer, target)
}

function credentialHolder(
  { store, identityProvider }: Gatekeepers,
  header: HeaderReader,
  body: SignedBody | undefined,
): Promise<Viewer> | Viewer {
  const authorization = header('authorization')
  const stamp = header('x-stamp')
  if (stamp && authorization) throw new Refusal('BAD_USER_INPUT', 'Send Authorization or X-Stamp, not both.')
  if (stamp) return signer(store, stamp, body)
  if (!authorization) return anonymous

  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
  if (!token) {
    throw new Refusal(
      'UNAUTHENTICATED',
      'Authorization must look like this: Bearer lk_key_… (the word first).',
    )
  }
  if (identityProvider && !token.startsWith('lk_')) {
    return tokenHolder(store, identityProvider, token, header('requester-organization-id') || undefined)
  }
  return keyHolder(store, token)
}

async function keyHolder(store: Store, key: string): Promise<SignedIn> {
  const viewer = kindOfSecret(key) === 'apiKey' ? await viewerOfKey(store, key) : undefined
  if (viewer) return viewer
  throw new Refusal(
    'UNAUTHENTICATED',
    'This API key is unknown, revoked or expired. Make another: npm run key, or createApiKey.',
  )
}

async function tokenHolder(store: Store, provider: IdentityProvider, token: string, requesterId?: string) {
  const identity = await provider.verify(token)
  const viewer = await viewerOfIdentity(store, identity, requesterId)
  return isSignedIn(viewer) ? { ...viewer, validUntil: identity.expiresAt } : viewer
}

async function signer(store: Store, header: string, body: SignedBody | undefined): Promise<SignedIn> {
  if (!body) throw new Refusal('BAD_USER_INPUT', 'X-Stamp signs the body of a POST: there is none here.')
  const stamp = readStamp(header)
  const viewer = await viewerOfPublicKey(store, stamp.publicKey, () => verifyStamp(stamp, body.bytes))
  if (!viewer) {
    throw new Refusal('UNAUTHENTICATED', 'This stamp is not of a registered key, or not of this body.')
  }
  checkLiveness(body.timestampMs, store.now())
  return { ...viewer, stamp: stampFingerprint(body.bytes) }
}

function targetNamed(header: HeaderReader): string | undefined {
  const target = header('target-organization-id')
  const alias = header('x-org')
  if (target && alias && target !== alias) {
    throw new Refusal('BAD_USER_INPUT', 'Target-Organization-ID and X-Org name different organizations.')
  }
  return target || alias || undefined
}

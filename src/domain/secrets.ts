import { createHmac, hash, randomBytes } from 'node:crypto'

/** The kinds of secrets; each begins with a prefix that names it, so that a leaked one is recognized. */
const prefixes = {
  apiKey: 'lk_key_',
  invite: 'lk_invite_',
  guestInvitation: 'lk_guest_',
  memberInvitation: 'lk_member_',
  joinLink: 'lk_join_',
  grant: 'lk_grant_',
} as const

export type SecretKind = keyof typeof prefixes

/** A new secret: 32 random bytes. It is handed out once; only its hash is stored. */
export const newSecret = (kind: SecretKind) => prefixes[kind] + randomBytes(32).toString('base64url')

/**
 * The secret that a form makes, the same however often it is sent: by whoever holds both the token of the link
 * and the form's own random number, of which neither is stored.
 */
export const secretOfForm = (kind: SecretKind, token: string, nonce: string) =>
  prefixes[kind] + createHmac('sha256', token).update(`${kind}:${nonce}`).digest('base64url')

/** The kind that a secret's prefix names; undefined for a text that is no secret of ours. */
export function kindOfSecret(secret: string): SecretKind | undefined {
  if (!/^lk_[a-z]+_[A-Za-z0-9_-]{43}$/.test(secret)) return undefined
  return (Object.keys(prefixes) as SecretKind[]).find((kind) => secret.startsWith(prefixes[kind]))
}

/** As it is stored. One round is enough: 256 random bits cannot be guessed. */
export const hashSecret = (secret: string) => hash('sha256', secret)

/** The part of a key that lists may show. */
export const visiblePrefix = (secret: string) => secret.slice(0, 'lk_key_'.length + 6)

import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import { z } from 'zod'
import { Refusal } from './errors.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

/** Real stamps have some 400 characters. */
const MAX_HEADER_LENGTH = 1024

/** DER of SubjectPublicKeyInfo { id-ecPublicKey, prime256v1 } up to the bits of the point: 33 bytes follow. */
const P256_SPKI_PREFIX = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex')

/** A request's signature, well-formed: the key is on the curve, the signature is DER. */
export interface Stamp {
  /** As API keys store it: hex, lower case. */
  readonly publicKey: string
  readonly key: KeyObject
  readonly signature: Uint8Array
}

/** SEC 1: 02 or 03, for the parity of y, and x. */
const compressedPoint = /^0[23][0-9a-f]{64}$/i

const stampSchema = z.strictObject({
  publicKey: z.string().regex(compressedPoint).toLowerCase(),
  scheme: z.literal('SIGNATURE_SCHEME_TK_API_P256'),
  signature: z
    .string()
    .regex(/^(?:[0-9a-f]{2})+$/i)
    .transform((value) => Buffer.from(value, 'hex'))
    .refine(isDerSignature),
})

const KEY_EXPECTED = '"publicKey" must be a compressed P-256 public key in hex, 66 characters'
const expectations: Record<string, string> = {
  publicKey: KEY_EXPECTED,
  scheme: '"scheme" must be SIGNATURE_SCHEME_TK_API_P256',
  signature: '"signature" must be an ECDSA signature, DER in hex',
}

/** Reads an `X-Stamp` header. It says nothing yet of whether the signature holds, or who the key belongs to. */
export function readStamp(header: string): Stamp {
  const { data, error } = stampSchema.safeParse(decoded(header))
  if (error) {
    // The values, and the names of fields that we do not know, are the sender's: they are not repeated.
    const faults = error.issues.map(
      ({ path: [field] }) =>
        expectations[String(field)] ?? 'it must have "publicKey", "scheme" and "signature", and nothing else',
    )
    throw malformed([...new Set(faults)].join('; '))
  }
  const key = stampKeyOf(data.publicKey)
  if (!key) throw malformed(KEY_EXPECTED)
  return { publicKey: data.publicKey, key, signature: data.signature }
}

function decoded(header: string): unknown {
  const bytes = Buffer.from(header, 'base64url')
  // Node decodes nearly anything; only what it would encode to the same text is unpadded base64url.
  if (header.length > MAX_HEADER_LENGTH || bytes.toString('base64url') !== header) {
    throw malformed('it must be base64url without padding')
  }
  try {
    return JSON.parse(bytes.toString())
  } catch {
    throw malformed('it must be base64url of JSON')
  }
}

const malformed = (fault: string) =>
  new Refusal('BAD_USER_INPUT', `The X-Stamp header is malformed: ${fault}.`)

/** The public key of a compressed P-256 point in hex; undefined if there is no such point. */
export function stampKeyOf(publicKey: string): KeyObject | undefined {
  if (!compressedPoint.test(publicKey)) return undefined
  try {
    const key = Buffer.concat([P256_SPKI_PREFIX, Buffer.from(publicKey, 'hex')])
    return createPublicKey({ key, format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

/** SEQUENCE of the two INTEGERs r and s, with no byte more: the lengths of P-256 fit one byte each. */
function isDerSignature(bytes: Buffer): boolean {
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) return false
  const end = endOfInteger(bytes, 2)
  return end !== undefined && endOfInteger(bytes, end) === bytes.length
}

/** Where a positive, shortest-form INTEGER of at most 32 bytes (and a sign byte) that starts here ends. */
function endOfInteger(bytes: Buffer, start: number): number | undefined {
  const [tag, length = 0, first = 0, second = 0] = bytes.subarray(start)
  const end = start + 2 + length
  if (tag !== 0x02 || length < 1 || length > 33 || end > bytes.length) return undefined
  const negative = first >= 0x80
  const padded = length > 1 && first === 0 && second < 0x80
  return negative || padded ? undefined : end
}

/** Whether the stamp's key signed exactly these bytes: as they were received, never parsed and printed again. */
export function verifyStamp(stamp: Stamp, body: Uint8Array): boolean {
  return verify('sha256', body, { key: stamp.key, dsaEncoding: 'der' }, stamp.signature)
}

/** Refuses a stamped body by its `extensions.timestampMs`: one hour old or more, or too far in the future. */
export function checkLiveness(timestampMs: unknown, now: number): void {
  if (typeof timestampMs !== 'string' || !/^[1-9]\d{0,14}$/.test(timestampMs)) {
    throw new Refusal(
      'BAD_USER_INPUT',
      'A stamped body needs "extensions.timestampMs": the time in milliseconds since 1970, as a string.',
    )
  }
  const age = now - Number(timestampMs)
  if (age >= HOUR) {
    throw new Refusal(
      'UNAUTHENTICATED',
      'This stamped body is an hour old or older. Stamp a new one, with the time as it is now.',
    )
  }
  if (age < -5 * MINUTE) {
    throw new Refusal(
      'UNAUTHENTICATED',
      'This stamped body is from more than 5 minutes in the future. Set the clock, and stamp a new one.',
    )
  }
}

/** What makes two stamped bodies the same activity: SHA-256 of their bytes, in hex. */
export const stampFingerprint = (body: Uint8Array) => hash('sha256', body)

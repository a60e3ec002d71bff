import { expect, test } from 'vitest'
import { checkLiveness, readStamp, stampFingerprint, stampKeyOf, verifyStamp } from '#domain/stamp.ts'
import { createStamper } from '../kit/stamper.ts'
import { HOUR, SECOND } from '../kit/time.ts'

const BODY = '{"query":"{ __typename }","extensions":{"timestampMs":"1893456000000"},"variables":{"é":"🔑"}}'
const OFF_CURVE = `02${'0'.repeat(63)}1`

const bytes = (text: string) => new TextEncoder().encode(text)
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

async function stamped() {
  const stamper = createStamper()
  const header = await stamper.stamp(BODY)
  const fields = JSON.parse(Buffer.from(header, 'base64url').toString())
  return { stamper, header, fields }
}

test('a stamp of the real stamper holds, for the body that it was made for', async () => {
  const { stamper, header } = await stamped()

  const stamp = readStamp(header)

  expect(stamp.publicKey).toBe(stamper.publicKey)
  expect(verifyStamp(stamp, bytes(BODY))).toBe(true)
  expect(await stamper.headers(BODY)).toHaveProperty('X-Stamp')
})

test('it holds for keys of either parity, as many as there are', async () => {
  for (let count = 0; count < 50; count += 1) {
    const { header } = await stamped()
    expect(verifyStamp(readStamp(header), bytes(BODY))).toBe(true)
  }
})

test.each([
  ['one byte more', `${BODY} `],
  ['one byte less', BODY.slice(0, -1)],
  ['the same JSON printed differently', JSON.stringify(JSON.parse(BODY), null, 1)],
  ['no body', ''],
])('it does not hold for %s', async (_name, body) => {
  const { header } = await stamped()
  expect(verifyStamp(readStamp(header), bytes(body))).toBe(false)
})

test('it does not hold under another key', async () => {
  const { fields } = await stamped()
  const stamp = readStamp(encode({ ...fields, publicKey: createStamper().publicKey }))
  expect(verifyStamp(stamp, bytes(BODY))).toBe(false)
})

test('hex may be upper case; the key is then the same', async () => {
  const { fields } = await stamped()
  const { publicKey, signature } = fields

  const stamp = readStamp(
    encode({ ...fields, publicKey: publicKey.toUpperCase(), signature: signature.toUpperCase() }),
  )

  expect(stamp.publicKey).toBe(publicKey)
  expect(verifyStamp(stamp, bytes(BODY))).toBe(true)
})

test.each([
  ['nothing', () => '', /base64url without padding|base64url of JSON/],
  ['padding', (header: string) => `${header}=`, /without padding/],
  ['plain base64', () => 'eyJ+/w', /without padding/],
  ['a blank in it', (header: string) => `${header.slice(0, 8)} ${header.slice(8)}`, /without padding/],
  ['bits left over', () => 'e31', /without padding/],
  ['no base64 at all', () => '{"publicKey":"…"}', /without padding/],
  ['far too much', () => 'A'.repeat(1028), /without padding/],
  ['no JSON', () => Buffer.from('{"publicKey":').toString('base64url'), /base64url of JSON/],
  ['JSON that is no object', () => encode(['publicKey']), /and nothing else/],
  ['null', () => encode(null), /and nothing else/],
])('a header with %s is refused', async (_name, change, message) => {
  const { header } = await stamped()
  const refusal = { code: 'BAD_USER_INPUT', message: expect.stringMatching(message) }
  expect(() => readStamp(change(header))).toThrow(expect.objectContaining(refusal))
})

test.each([
  ['another field', { secretField: 1 }, /and nothing else/],
  ['no scheme', { scheme: undefined }, /"scheme" must be/],
  ['another scheme', { scheme: 'SIGNATURE_SCHEME_TK_API_SECP256K1' }, /"scheme" must be/],
  ['no key', { publicKey: undefined }, /"publicKey" must be/],
  ['a short key', { publicKey: '02ab' }, /"publicKey" must be/],
  ['an uncompressed key', { publicKey: `04${'ab'.repeat(64)}` }, /"publicKey" must be/],
  ['a key that is no hex', { publicKey: 'zz'.repeat(33) }, /"publicKey" must be/],
  ['a point off the curve', { publicKey: OFF_CURVE }, /"publicKey" must be/],
  ['a coordinate outside the field', { publicKey: `03${'ff'.repeat(32)}` }, /"publicKey" must be/],
  ['the point at infinity', { publicKey: '00'.repeat(33) }, /"publicKey" must be/],
  ['a signature that is no text', { signature: 7 }, /"signature" must be/],
  ['an empty signature', { signature: '' }, /"signature" must be/],
  ['a raw signature', { signature: '1b'.repeat(64) }, /"signature" must be/],
  ['odd hex', { signature: '3006020101020101a' }, /"signature" must be/],
  ['a byte after the signature', { signature: '300602010102010100' }, /"signature" must be/],
  ['a negative integer', { signature: '3006020181020101' }, /"signature" must be/],
  ['a padded integer', { signature: '300702020001020101' }, /"signature" must be/],
  ['an integer that is too long', { signature: `3027022201${'00'.repeat(33)}020101` }, /"signature" must be/],
  ['an integer that runs out', { signature: '3006020101020501' }, /"signature" must be/],
])('a stamp with %s is refused, and nothing of it repeated', async (_name, change, message) => {
  const { fields } = await stamped()
  const refused = { code: 'BAD_USER_INPUT', message: expect.stringMatching(message) }
  const silent = { message: expect.not.stringMatching(/secretField|SECP256K1|abab|3006/) }
  const read = () => readStamp(encode({ ...fields, ...change }))
  expect(read).toThrow(expect.objectContaining(refused))
  expect(read).toThrow(expect.objectContaining(silent))
})

test('all faults of a stamp are told at once', () => {
  const read = () => readStamp(encode({ publicKey: '', scheme: '', signature: '', more: 1 }))
  expect(read).toThrow(/"publicKey".*"scheme".*"signature".*nothing else/)
})

test('a key is one only if it is a point on the curve', () => {
  expect(stampKeyOf(createStamper().publicKey)?.asymmetricKeyDetails).toMatchObject({
    namedCurve: 'prime256v1',
  })
  for (const text of ['', '02', OFF_CURVE, `${createStamper().publicKey}00`]) {
    expect(stampKeyOf(text)).toBeUndefined()
  }
})

const NOW = Date.UTC(2030, 0, 1)

test.each([0, -HOUR + 1, 300 * SECOND])('a body stamped at now %+d ms is alive', (offset) => {
  expect(() => checkLiveness(String(NOW + offset), NOW)).not.toThrow()
})

test.each([
  [-HOUR, /an hour old/],
  [-24 * HOUR, /an hour old/],
  [300 * SECOND + 1, /5 minutes in the future/],
])('a body stamped at now %+d ms is refused', (offset, message) => {
  const refusal = { code: 'UNAUTHENTICATED', message: expect.stringMatching(message) }
  expect(() => checkLiveness(String(NOW + offset), NOW)).toThrow(expect.objectContaining(refusal))
})

test.each([undefined, null, NOW, '', ' 1', '1e12', '-1', '0x10', '1893456000000.5', '9'.repeat(16), {}])(
  'a time like %j is refused',
  (timestamp) => {
    expect(() => checkLiveness(timestamp, NOW)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }))
  },
)

test('the fingerprint is the SHA-256 of the bytes', () => {
  expect(stampFingerprint(bytes('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})

import { createECDH } from 'node:crypto'
import { ApiKeyStamper } from '@turnkey/api-key-stamper'

/** A P-256 key pair in the format of Turnkey's stamper, with that stamper. */
export function createStamper() {
  const pair = createECDH('prime256v1')
  const publicKey = pair.generateKeys('hex', 'compressed')
  const privateKey = pair.getPrivateKey('hex').padStart(64, '0')
  const stamper = new ApiKeyStamper({ apiPublicKey: publicKey, apiPrivateKey: privateKey })
  return {
    publicKey,
    privateKey,
    /** The value of `X-Stamp` for this body. */
    stamp: async (body: string) => (await stamper.stamp(body)).stampHeaderValue,
    /** The header itself. */
    headers: async (body: string) => {
      const { stampHeaderName, stampHeaderValue } = await stamper.stamp(body)
      return { [stampHeaderName]: stampHeaderValue }
    },
  }
}

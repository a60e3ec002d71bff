import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'

const assetHeaders = {
  'cache-control': 'public, max-age=31536000, immutable',
  vary: 'accept-encoding',
  'x-content-type-options': 'nosniff',
}

/** A file whose name can carry its hash, so that browsers keep it for good. */
export function createAsset(text: string, extension: keyof typeof contentTypes) {
  const source = Buffer.from(text)
  const kept: Partial<Record<Encoding, Promise<Buffer<ArrayBuffer>>>> = {}
  return {
    hash: createHash('sha256').update(source).digest('hex').slice(0, 16),
    type: contentTypes[extension],
    encoded(encoding: Encoding) {
      kept[encoding] ??= encoders[encoding](source)
      return kept[encoding]
    },
  }
}

export type Asset = ReturnType<typeof createAsset>
type Encoding = keyof typeof encoders

const contentTypes = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

// Quality 4 is the knee: 5 MB in 0.14 s to 1.4 MB, where the best takes nine seconds to reach 1.1 MB.
const encoders = {
  br: (source: Buffer) => promisify(brotliCompress)(source, { params: { [zlib.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: (source: Buffer) => promisify(gzip)(source),
  identity: async (source: Buffer<ArrayBuffer>) => source,
}

function bestEncoding(acceptEncoding: string): Encoding {
  const accepted = acceptEncoding
    .toLowerCase()
    .split(',')
    .map((part) => part.split(';').map((piece) => piece.trim()))
    .filter(([, quality]) => !quality || Number(quality.replace('q=', '')) > 0)
    .map(([name]) => name)
  if (accepted.includes('br')) return 'br'
  return accepted.includes('gzip') ? 'gzip' : 'identity'
}

/** What answers a request for the file, in the best encoding that its client takes. */
export async function assetReply(asset: Asset | undefined, acceptEncoding: string) {
  if (!asset) return { body: 'Not found\n', status: 404, headers: {} }
  const encoding = bestEncoding(acceptEncoding)
  const headers = {
    ...assetHeaders,
    'content-type': asset.type,
    ...(encoding !== 'identity' && { 'content-encoding': encoding }),
  }
  return { body: await asset.encoded(encoding), status: 200, headers }
}

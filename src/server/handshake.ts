import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { bucketOf, clientAddress } from './address.ts'
import type { HeaderReader } from './credentials.ts'

/** What is kept of an upgrade request; the rest of it would be held for as long as its socket is open. */
export interface Handshake {
  readonly headers: IncomingHttpHeaders
  /** Where it came from, as limits count. From here alone: what stands for headers later, the client writes itself. */
  readonly address: string
}

/** What is kept of this one. */
export function handshakeOf({ headers, socket }: IncomingMessage, trustedProxies: number): Handshake {
  const forwarded = headers['x-forwarded-for']?.toString()
  return { headers, address: bucketOf(clientAddress(socket.remoteAddress, forwarded, trustedProxies)) }
}

/**
 * What stands for headers over WebSocket, the nearest first: an operation's `extensions.headers`, the
 * payload of `connection_init`, the headers of the upgrade request.
 */
export function headersOf(
  { headers }: Handshake,
  connectionParams: unknown,
  extensions?: Record<string, unknown> | null,
): HeaderReader {
  const own = lowerCased(extensions?.headers)
  const initial = lowerCased(connectionParams)
  const { apikey } = initial
  if (apikey !== undefined) initial.authorization ??= `Bearer ${apikey}`
  return (name) => {
    const value = own[name] ?? initial[name] ?? headers[name]
    return typeof value === 'string' ? value : undefined
  }
}

const lowerCased = (object: unknown): Record<string, unknown> =>
  typeof object === 'object' && object !== null
    ? Object.fromEntries(Object.entries(object).map(([key, value]) => [key.toLowerCase(), value]))
    : {}

/**
 * Whether the page that connects may: one of our own, or of an origin that is listed. Browsers let any page
 * open a WebSocket; whoever sends no Origin is no browser.
 */
export function isWelcome({ headers }: IncomingMessage, origins: readonly string[]): boolean {
  const { origin } = headers
  if (origin === undefined || origins.includes(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === headers.host
}

import { isIP, isIPv4, SocketAddress } from 'node:net'

/**
 * The address of the client: that of the connection, or, behind so many proxies of ours, the one that the
 * outermost of them saw. What stands further left in X-Forwarded-For anybody can write.
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: number,
): string | undefined {
  if (trustedProxies === 0 || !forwardedFor) return socketAddress
  const seen = forwardedFor.split(',').map((part) => part.trim())
  return seen[Math.max(seen.length - trustedProxies, 0)]
}

/**
 * What limits count an address as: IPv6 by its /64, since every host has one to itself, and IPv4 carried in
 * IPv6 as IPv4; `unknown` for what is no address.
 */
export function bucketOf(address: string | undefined): string {
  const known = buckets.get(address)
  if (known !== undefined) return known
  const bucket = bucketIn(address)
  if ((address?.length ?? 0) > LONGEST_ADDRESS) return bucket
  if (buckets.size === KEPT_BUCKETS) buckets.clear()
  buckets.set(address, bucket)
  return bucket
}

/** Parsing an address takes longer than anything else that is done with it. */
const buckets = new Map<string | undefined, string>()
const KEPT_BUCKETS = 1000
const LONGEST_ADDRESS = 100

function bucketIn(address: string | undefined): string {
  const parsed = parseAddress(address ?? '')
  if (!parsed) return 'unknown'
  const mapped = parsed.replace(/^::ffff:/, '')
  return isIPv4(mapped) ? mapped : `${network(parsed)}::/64`
}

/** In the canonical form, without zone and port, which some proxies add; undefined for what is no address. */
function parseAddress(text: string): string | undefined {
  const family = isIP(text)
  if (family === 0) return SocketAddress.parse(text)?.address
  return new SocketAddress({ address: text, family: family === 6 ? 'ipv6' : 'ipv4' }).address
}

/** The first four groups, of which the canonical form may leave out zeros. */
function network(address: string): string {
  const [start = '', end] = address.split('::')
  const groups = start === '' ? [] : start.split(':')
  if (end !== undefined) {
    const left = 8 - groups.length - end.split(':').length
    groups.push(...Array.from({ length: left }, () => '0'), ...end.split(':'))
  }
  return groups.slice(0, 4).join(':')
}

import { describe, expect, test } from 'vitest'
import { bucketOf, clientAddress } from '#server/address.ts'

describe('clientAddress', () => {
  const socket = '10.0.0.1'
  const cases: [what: string, forwardedFor: string | undefined, proxies: number, expected: string][] = [
    ['no proxy: the header is anybody’s to write', '198.51.100.1', 0, socket],
    ['one proxy: what it added', '198.51.100.1', 1, '198.51.100.1'],
    ['one proxy, forged entries before its own', '1.1.1.1, 2.2.2.2,198.51.100.1', 1, '198.51.100.1'],
    ['two proxies: what the outer one added', '1.1.1.1, 198.51.100.1, 10.0.0.2', 2, '198.51.100.1'],
    ['fewer entries than proxies: the outermost there is', '198.51.100.1', 2, '198.51.100.1'],
    ['a proxy, but no header', undefined, 1, socket],
    ['a proxy, but an empty header', '', 1, socket],
    ['an entry left empty never moves the count to a forged one', '1.1.1.1,', 1, ''],
  ]
  test.each(cases)('%s', (_, forwardedFor, proxies, expected) => {
    expect(clientAddress(socket, forwardedFor, proxies)).toBe(expected)
  })

  test('a connection without an address', () => {
    expect(clientAddress(undefined, undefined, 0)).toBeUndefined()
    expect(clientAddress(undefined, '198.51.100.1', 1)).toBe('198.51.100.1')
  })
})

describe('bucketOf', () => {
  const cases: [address: string | undefined, bucket: string][] = [
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:50123', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:cb00:7107', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:50123', '203.0.113.7'],
    ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
    ['2001:DB8:0000:0001::', '2001:db8:0:1::/64'],
    ['2001:db8:0:1:ffff:ffff:ffff:ffff', '2001:db8:0:1::/64'],
    ['[2001:db8:0:1::9]:443', '2001:db8:0:1::/64'],
    ['[2001:db8:0:1::9]', '2001:db8:0:1::/64'],
    ['2001:db8::1:0:0:1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:1::1', '2001:db8:0:0::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['2001::1:2:3:4:5:6', '2001:0:1:2::/64'],
    ['::', '0:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::192.0.2.1', '0:0:0:0::/64'],
    ['::1:2:3:4:5:6:7', '0:1:2:3::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['fe80::2%2', 'fe80:0:0:0::/64'],
    [undefined, 'unknown'],
    ['', 'unknown'],
    ['unknown', 'unknown'],
    ['_hidden', 'unknown'],
    ['localhost', 'unknown'],
    ['2001:db8::1::2', 'unknown'],
    ['203.0.113.256', 'unknown'],
    [`${'1'.repeat(100_000)}:`, 'unknown'],
    ["203.0.113.7'; drop table rate_limits", 'unknown'],
  ]
  test.each(cases)('%.60s is %s', (address, bucket) => {
    expect(bucketOf(address)).toBe(bucket)
  })
})

import { expect, test } from 'vitest'
import { readEnv } from '../../src/env.ts'

/** The variables that faults are told of, one for each line. */
function faultsOf(variables: Record<string, string>): string[] {
  try {
    readEnv(variables)
    return []
  } catch (error) {
    const [, ...faults] = error instanceof Error ? error.message.split('\n') : []
    return faults.map((fault) => fault.trim())
  }
}

test('who signs people in, how many proxies and how often: all faults at once, and no value repeated', () => {
  const bad = {
    PORT: 'x-xyz',
    TRUST_PROXY: 'true-xyz',
    UNKNOWN_TOKENS_PER_MINUTE: '0',
    MUTATIONS_PER_MINUTE: '-xyz',
    JWT_ISSUER: 'login.xyz',
    JWT_AUDIENCE: ' ',
    JWT_JWKS_URL: 'ftp://xyz',
    JWT_ALGORITHMS: 'HS256,none,RS256',
    JWT_CLOCK_TOLERANCE: '301',
  }
  const faults = faultsOf(bad)
  expect(faults.map((fault) => fault.split(' ')[0])).toEqual(Object.keys(bad))
  expect(faults.join()).not.toMatch(/xyz|none|301/)
})

test.each([
  [{ JWT_ISSUER: 'https://login.example' }, ['JWT_AUDIENCE must be set with JWT_ISSUER']],
  [{ JWT_ISSUER: 'https://login.example', PORT: 'x' }, ['PORT must', 'JWT_AUDIENCE must be set']],
  [{ JWT_AUDIENCE: 'a', JWT_CLOCK_TOLERANCE: '5' }, ['JWT_AUDIENCE needs', 'JWT_CLOCK_TOLERANCE needs']],
  [
    { JWT_JWKS_URL: 'https://x.example', JWT_ALGORITHMS: 'RS256' },
    ['JWT_JWKS_URL needs', 'JWT_ALGORITHMS needs'],
  ],
  [
    { JWT_ISSUER: 'https://login.example', JWT_AUDIENCE: 'a', JWT_ALGORITHMS: ' , ' },
    ['JWT_ALGORITHMS must name'],
  ],
  [{ JWT_ISSUER: 'https://u:pw@login.example', JWT_AUDIENCE: 'a' }, ['JWT_ISSUER must be a URL']],
  [
    { NODE_ENV: 'production', JWT_ISSUER: 'http://login.example', JWT_AUDIENCE: 'a' },
    ['JWT_JWKS_URL must be https'],
  ],
  [
    { NODE_ENV: 'test', JWT_ISSUER: 'https://a.example', JWT_JWKS_URL: 'http://a.example/keys' },
    ['JWT_AUDIENCE must be set', 'JWT_JWKS_URL must be https'],
  ],
] as [Record<string, string>, string[]][])('%j: %j', (variables, expected) => {
  const faults = faultsOf(variables)
  expect(faults).toHaveLength(expected.length)
  for (const [index, start] of expected.entries()) expect(faults[index]).toContain(start)
})

test('an identity provider needs an issuer and an audience; the rest has defaults', () => {
  const told = { JWT_ISSUER: 'https://login.example/tenant/', JWT_AUDIENCE: 'latchkey' }
  expect(readEnv({ ...told, NODE_ENV: 'production' }).identityProvider).toEqual({
    issuer: 'https://login.example/tenant/',
    audience: 'latchkey',
    jwksUrl: 'https://login.example/tenant/.well-known/jwks.json',
    algorithms: undefined,
    clockToleranceSeconds: 30,
  })
  const near = { ...told, NODE_ENV: 'production', JWT_JWKS_URL: 'http://127.0.0.1:8080/keys' }
  expect(
    readEnv({ ...near, JWT_ALGORITHMS: 'RS256, EdDSA', JWT_CLOCK_TOLERANCE: '0' }).identityProvider,
  ).toMatchObject({ jwksUrl: near.JWT_JWKS_URL, algorithms: ['RS256', 'EdDSA'], clockToleranceSeconds: 0 })
  expect(readEnv({}).identityProvider).toBeUndefined()
})

test('limits and proxies are as set; without that the domain has its own', () => {
  expect(
    readEnv({ TRUST_PROXY: '2', UNKNOWN_TOKENS_PER_MINUTE: '3', MUTATIONS_PER_MINUTE: '4' }),
  ).toMatchObject({
    trustedProxies: 2,
    limits: { unknownTokensPerMinute: 3, mutationsPerMinute: 4 },
  })
  expect(readEnv({})).toMatchObject({ trustedProxies: 0, limits: {} })
})

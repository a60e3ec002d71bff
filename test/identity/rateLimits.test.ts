import { expect, test } from 'vitest'
import { newSecret } from '#domain/secrets.ts'
import { startServer } from '../kit/server.ts'
import { house, invite } from '../kit/story.ts'
import { ask, socketClient } from '../kit/subscriber.ts'

const PREVIEW = 'query ($token: String!) { invitationPreview(token: $token) { __typename } }'
const ACCEPT = `mutation ($token: String!) { acceptInvite(input: { token: $token }) {
  __typename ... on RateLimitedError { code message retryAfter } } }`

async function setUp(trustedProxies = 0) {
  const server = await startServer({ trustedProxies })
  const { token } = await invite(await house(server))
  const send = async (query: string, variables: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      body: JSON.stringify({ query, variables }),
      headers: { 'content-type': 'application/json', ...headers },
    })
    // biome-ignore lint/suspicious/noExplicitAny: tests look at what came, whatever it is
    return { headers: response.headers, ...((await response.json()) as any) }
  }
  const guess = async (times: number, headers: (index: number) => Record<string, string> = () => ({})) => {
    for (let index = 0; index < times; index++) {
      const { data } = await send(PREVIEW, { token: newSecret('invite') }, headers(index))
      expect(data).toEqual({ invitationPreview: null })
    }
  }
  const isLimited = async (headers?: Record<string, string>) =>
    (await send(PREVIEW, { token }, headers)).errors?.[0]?.extensions.code === 'RATE_LIMITED'
  return { server, token, send, guess, isLimited }
}

test('after ten guesses the eleventh is refused, right or wrong, and told when to come again', async () => {
  const { token, send, guess } = await setUp()
  await guess(10)
  const { data, errors, headers } = await send(PREVIEW, { token: newSecret('invite') })
  expect(data).toEqual({ invitationPreview: null })
  const { code, retryAfter } = errors[0].extensions
  expect(code).toBe('RATE_LIMITED')
  expect(headers.get('retry-after')).toBe(String(retryAfter))
  expect(retryAfter).toBeGreaterThan(0)
  expect(retryAfter).toBeLessThanOrEqual(60)
  const accepted = (await send(ACCEPT, { token })).data.acceptInvite
  expect(accepted).toMatchObject({ __typename: 'RateLimitedError', code: 'RATE_LIMITED' })
})

test('without proxies X-Forwarded-For is nobody’s word', async () => {
  const { guess, isLimited } = await setUp()
  await guess(10, (index) => ({ 'x-forwarded-for': `203.0.113.${index}` }))
  expect(await isLimited({ 'x-forwarded-for': '198.51.100.1' })).toBe(true)
})

test('behind a proxy it counts whom that one saw, not what stands before', async () => {
  const { guess, isLimited } = await setUp(1)
  await guess(10, (index) => ({ 'x-forwarded-for': `10.0.0.${index}, 203.0.113.7` }))
  expect(await isLimited({ 'x-forwarded-for': '198.51.100.1, 203.0.113.7' })).toBe(true)
  expect(await isLimited({ 'x-forwarded-for': '203.0.113.7, 198.51.100.1' })).toBe(false)
})

test('over WebSocket the upgrade request alone says who it is', async () => {
  const { server, token, isLimited } = await setUp(1)
  const seen = { 'x-forwarded-for': '203.0.113.7' }
  const { client } = socketClient(server, { headers: seen, init: { 'x-forwarded-for': '198.51.100.2' } })
  const preview = (guess: string, index: number) => {
    const headers = { 'X-Forwarded-For': `198.51.100.${index}`, 'x-forwarded-for': `198.51.100.${index}` }
    return ask(client, { query: PREVIEW, variables: { token: guess }, extensions: { headers } })
  }
  for (let index = 0; index < 10; index++) {
    expect((await preview(newSecret('invite'), index)).data).toEqual({ invitationPreview: null })
  }
  expect((await preview(token, 11)).errors?.[0]?.extensions.code).toBe('RATE_LIMITED')
  expect(await isLimited(seen)).toBe(true)
  expect(await isLimited({ 'x-forwarded-for': '198.51.100.3' })).toBe(false)
})

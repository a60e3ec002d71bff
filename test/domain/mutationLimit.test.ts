import { afterEach, expect, test, vi } from 'vitest'
import { keyOf, testApp } from '../kit/app.ts'
import { house } from '../kit/story.ts'
import { SECOND } from '../kit/time.ts'

afterEach(() => void vi.useRealTimers())

test('each key and each user has its own limit of mutations, and what is over it is not recorded', async () => {
  const app = await testApp({ limits: { mutationsPerMinute: 3 } })
  const { id, key } = await house(app)
  const other = await keyOf(app, id, 'ORG_ADMIN')
  const create = async (name: string, by: string) => {
    const { data } = await app.call(
      `mutation ($name: String!) { createIntegration(input: { name: $name }) {
        __typename ... on RateLimitedError { code retryAfter } } }`,
      { name },
      { key: by },
    )
    return data.createIntegration
  }
  // The house took three: an integration and two portals.
  expect(await create('Annex', key)).toEqual({
    __typename: 'RateLimitedError',
    code: 'RATE_LIMITED',
    retryAfter: expect.any(Number),
  })
  expect(await create('Barn', other.key)).toMatchObject({ __typename: 'CreateIntegrationPayload' })
  const recorded = await app.store.db.selectFrom('activities').select(['type', 'status']).execute()
  expect(recorded).toHaveLength(4)

  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(Date.now() + 61 * SECOND)
  expect(await create('Annex', key)).toMatchObject({ __typename: 'CreateIntegrationPayload' })
})

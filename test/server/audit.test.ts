import { serverAudits } from 'graphql-http'
import { expect, test } from 'vitest'
import { startServer } from '../kit/server.ts'

test('GraphQL over HTTP: every MUST and every SHOULD of its audit holds', async () => {
  const { url, key } = await startServer({ openSchema: false })
  const audits = serverAudits({
    url: `${url}/graphql`,
    fetchFn: (target: string, init: RequestInit = {}) =>
      fetch(target, { ...init, headers: { ...init.headers, authorization: `Bearer ${key}` } }),
  })
  expect(audits.length).toBeGreaterThan(50)
  const failed: string[] = []
  for (const audit of audits) {
    const result = await audit.fn()
    if (result.status === 'error' || result.status === 'warn') failed.push(`${result.name}: ${result.reason}`)
  }
  expect(failed).toEqual([])
})

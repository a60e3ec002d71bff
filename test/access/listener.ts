import { expect } from 'vitest'
import type { CallOptions, TestApp } from '../kit/app.ts'
import { firstResult } from './stream.ts'

/** Asks, and makes sure that nothing of what is kept from the caller comes back. */
export function listener(app: TestApp, options: CallOptions, kept: string[]) {
  let told = 0
  let asks = 0
  const hear = (answer: { data: unknown; errors: unknown[] }, what: string, known = '') => {
    const text = JSON.stringify([answer.data, answer.errors])
    const leaked = kept.filter((secret) => text.includes(secret) && !known.includes(secret))
    expect(leaked, `${what} tells ${text}`).toEqual([])
    expect(text, `${what} was not run`).not.toMatch(/GRAPHQL_|TOO_LARGE|INTERNAL/)
    asks++
    if (/"[a-z_]+_[0-9a-z]{26}"/.test(JSON.stringify(answer.data))) told++
    return { data: answer.data, errors: answer.errors }
  }
  return {
    ask: async (document: string, variables: object = {}) =>
      hear(await app.call(document, variables, options), `${document} ${JSON.stringify(variables)}`),
    /** What a mutation was told, it may say again. */
    attempt: async (document: string, variables: object) =>
      hear(await app.call(document, variables, options), document, JSON.stringify(variables)),
    follow: async (document: string, variables: object) =>
      hear(await firstResult(app, document, variables, options), document),
    counts: () => ({ asks, told }),
  }
}
export type Listener = ReturnType<typeof listener>

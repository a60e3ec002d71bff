import { expect } from 'vitest'
import type { Store } from '#domain/store.ts'
import { dump } from './dump.ts'

const SECRET = /lk_[a-z]+_[A-Za-z0-9_-]{43}/g

/**
 * Watches one app for as long as its test runs: whatever secret it hands out must be at rest nowhere, in no
 * line of its log and in no error.
 */
export class SecretsWatch {
  readonly #issued = new Set<string>()
  readonly #errors: string[] = []

  /** An answer: its data may show secrets, its errors may not. */
  see(answer: { data?: unknown; errors?: unknown }) {
    for (const [secret] of JSON.stringify(answer.data ?? null).matchAll(SECRET)) this.#issued.add(secret)
    if (answer.errors) this.#errors.push(JSON.stringify(answer.errors))
  }

  async expectKept(store: Store, logged: readonly string[]) {
    if (this.#issued.size === 0) return
    const places = {
      log: logged.join('\n'),
      database: JSON.stringify(await dump({ store })),
      errors: this.#errors.join(),
    }
    for (const [place, text] of Object.entries(places)) {
      const leaked = [...text.matchAll(SECRET)].filter(([secret]) => this.#issued.has(secret))
      expect(leaked.length, `secrets in the ${place}`).toBe(0)
    }
  }
}

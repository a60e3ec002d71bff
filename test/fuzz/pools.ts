import type { Random } from './random.ts'

/** What earlier answers held: to ask with again. */
export class Pools {
  readonly ids: string[] = []
  readonly secrets: string[] = []
  readonly keys: string[] = []
  readonly cursors: string[] = []
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  learn(answer: string) {
    this.#keep(this.ids, answer.match(/\b[a-z_]+_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g))
    this.#keep(this.secrets, answer.match(/\blk_[a-z_]+_[\w-]{43}/g))
    this.#keep(this.keys, answer.match(/\blk_key_[\w-]{43}/g))
    this.#keep(this.cursors, answer.match(/(?<="(?:cursor|endCursor|startCursor|eventCursor)":")[^"]+/g))
  }

  #keep(pool: string[], found: readonly string[] | null) {
    for (const text of found?.slice(0, 20) ?? []) {
      if (pool.length < 500) pool.push(text)
      else pool[this.#random.below(pool.length)] = text
    }
  }
}

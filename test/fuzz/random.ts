/** Chance that a seed repeats (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  below = (count: number) => Math.floor(this.next() * count)

  chance = (probability: number) => this.next() < probability

  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new Error('There is nothing to pick from.')
    return items[this.below(items.length)] as Item
  }

  /** What comes of one of the ways. */
  one = <Result>(...ways: (() => Result)[]): Result => this.pick(ways)()
}

const TOKEN = /\.\.\.|"""[\s\S]*?"""|"(?:\\.|[^"\\])*"|[A-Za-z_]\w*|-?\d+(?:\.\d+)?|\s+|[\s\S]/g

/** The document with a few of its tokens dropped, doubled, swapped or replaced. */
export function mutatedTokens(random: Random, document: string, foreign: string): string {
  const tokens = document.match(TOKEN) ?? []
  const others = foreign.match(TOKEN) ?? ['']
  for (let change = random.below(4); change >= 0 && tokens.length > 0; change--) {
    const at = random.below(tokens.length)
    const [token = ''] = tokens.slice(at, at + 1)
    random.one<unknown>(
      () => tokens.splice(at, 1 + random.below(3)),
      () => tokens.splice(at, 0, token, ' ', token),
      () => tokens.splice(at, 1, random.pick(others)),
      () => tokens.splice(at, 0, random.pick(others)),
      () => tokens.splice(at, 1, random.pick(PUNCTUATION)),
      () => tokens.splice(at, 1, tokens.splice(random.below(tokens.length), 1, token)[0] ?? ''),
    )
  }
  return tokens.join('')
}

const PUNCTUATION = [...'{}()[]:!$@&|=', '...', '"""', '"', '#', '\\', '\u0000', '\ufeff', '\ud800', '9e999']

/** The bytes with a few of them changed, dropped, doubled or cut off. */
export function mutatedBytes(random: Random, bytes: Buffer): Buffer<ArrayBuffer> {
  let mutated = Buffer.from(bytes)
  for (let change = random.below(6); change >= 0 && mutated.length > 0; change--) {
    const at = random.below(mutated.length)
    const to = Math.min(mutated.length, at + 1 + random.below(8))
    const other = Buffer.from([
      random.chance(0.5) ? random.below(256) : (mutated[at] ?? 0) ^ (1 << random.below(8)),
    ])
    mutated = random.one(
      () => Buffer.concat([mutated.subarray(0, at), other, mutated.subarray(at + 1)]),
      () => Buffer.concat([mutated.subarray(0, at), mutated.subarray(to)]),
      () => Buffer.concat([mutated.subarray(0, to), mutated.subarray(at)]),
      () => Buffer.concat([mutated.subarray(0, at), Buffer.from(random.pick(NASTY)), mutated.subarray(at)]),
      () => mutated.subarray(0, at),
    )
  }
  return mutated
}

const NASTY = [
  '\u0000',
  '\ufeff',
  '{"__proto__":',
  '[[[[',
  '1e999',
  '\\ud800',
  'null',
  '"',
  '}',
  '-0',
  '\u2028',
]

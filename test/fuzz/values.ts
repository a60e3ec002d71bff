import {
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql'
import type { Pools } from './pools.ts'
import type { Random } from './random.ts'

const INTEGERS = [0, 1, 2, 3, 5, 10, 20, 100, 101, -1, 1000, 2 ** 31 - 1, -(2 ** 31), 2 ** 31]
const TEXTS = [
  '',
  ' ',
  'a',
  'Lobby',
  'Headquarters',
  'x'.repeat(201),
  'x'.repeat(5000),
  'O\'Hara "; --',
  '%_\\',
  'ß İ ﬃ',
]
const ODD = [
  '\u0000',
  '\u202e',
  '😀',
  '\ud83d',
  'e\u0301',
  '{{7*7}}',
  '../../etc',
  '<b>',
  '1e400',
  '__proto__',
  '\r\nX: y',
]
const MOMENTS = [
  '2031-01-01T00:00:00Z',
  '2031-01-01T00:00:00+14:00',
  '1970-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
]
const ODD_MOMENTS = [
  '2024-02-30T00:00:00Z',
  '0000-01-01T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  '2030-01-01',
  '1969-12-31T23:59:59-12:00',
]
const SPANS = [
  ...['PT1H', 'P1W', '2h30m', '1d'],
  ...['0s', '1y', 'P1M', '3650d'],
  ...['3651d', 'PT', '99999999999999999999s', '1.5h'],
  ...['-1h'],
]
const MAILS = [
  'guest@example.com',
  'GUEST@Example.COM',
  'a@b',
  'ü@exämple.de',
  `${'x'.repeat(95)}@example.com`,
  'no mail',
  '"a b"@x.org',
]
const LOCALES = [
  ...['en', 'de-CH', 'zh-Hant-TW', 'x-private'],
  ...['en-u-ca-buddhist', 'e', 'i-klingon', '*'],
  ...['en_US', `en${'-a'.repeat(50)}`],
]

/** Makes values for arguments: mostly such as are meant, some that are not. */
export class Values {
  readonly #random: Random
  readonly #pools: Pools

  constructor(random: Random, pools: Pools) {
    this.#random = random
    this.#pools = pools
  }

  of(type: GraphQLInputType, name: string, depth = 0): unknown {
    const random = this.#random
    if (isNonNullType(type)) return this.of(type.ofType, name, depth)
    if (random.chance(0.02)) return random.pick([null, true, 1.5, 'text', [], {}, 2 ** 53])
    if (isListType(type)) {
      const length = random.chance(0.02) ? 150 : random.below(4)
      return Array.from({ length }, () => this.of(type.ofType, name, depth + 1))
    }
    if (isEnumType(type)) return random.pick(type.getValues()).name
    if (isInputObjectType(type)) {
      const all = Object.values(type.getFields())
      const fields =
        type.isOneOf && random.chance(0.9)
          ? [random.pick(all)]
          : all.filter((field) => (isRequiredInputField(field) ? random.chance(0.99) : random.chance(0.3)))
      return Object.fromEntries(
        fields.map((field) => [field.name, this.of(field.type, field.name, depth + 1)]),
      )
    }
    return this.#scalar(type.name, name)
  }

  text = () => this.#random.pick(this.#random.chance(0.8) ? TEXTS : ODD)

  #scalar(type: string, name: string): unknown {
    const random = this.#random
    const pools = this.#pools
    const from = (pool: readonly string[]) =>
      pool.length > 0 && random.chance(0.85) ? random.pick(pool) : this.text()
    switch (type) {
      case 'Int':
        return random.chance(0.8) ? random.below(6) : random.pick(INTEGERS)
      case 'Float':
        return random.pick([0, -0, 1.5, 1e300, 1e-300])
      case 'Boolean':
        return random.chance(0.5)
      case 'ID':
        return this.#near(from(pools.ids))
      case 'DateTime':
        return random.pick(random.chance(0.8) ? MOMENTS : ODD_MOMENTS)
      case 'EmailAddress':
        return random.pick(MAILS)
      case 'Locale':
        return random.pick(LOCALES)
    }
    if (/token|secret/i.test(name)) return this.#near(from(pools.secrets))
    if (/after|before|cursor/i.test(name)) return this.#near(from(pools.cursors))
    if (/expiresIn|startsIn|duration/i.test(name)) return random.pick(SPANS)
    if (/idempotencyKey/.test(name)) return random.pick(['again', 'once more', `${random.below(1e9)}`])
    return random.chance(0.3) ? `${this.text()} ${random.below(1e6)}` : this.text()
  }

  /** Sometimes one letter off. */
  #near(text: string): string {
    const random = this.#random
    if (text === '' || random.chance(0.95)) return text
    const at = random.below(text.length)
    return text.slice(0, at) + random.pick(['', 'z', '0', '-', '\u0000', 'Ω']) + text.slice(at + 1)
  }
}

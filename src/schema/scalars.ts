import { GraphQLError, Kind, type ValueNode } from 'graphql'
import { z } from 'zod'
import { emailAddress } from '#domain/inputs.ts'
import { canonicalLocale } from '#domain/locales.ts'
import { normalizeEmail } from '#domain/names.ts'
import { LAST_INSTANT } from '#domain/time.ts'
import { builder } from './builder.ts'

/** The input as the scalar means it; refuses what it is not, without repeating what was sent. */
const parsed =
  <Value>(help: string, parse: (text: string) => Value | undefined) =>
  (value: unknown): Value => {
    const result = typeof value === 'string' ? parse(value) : undefined
    if (result === undefined) throw new GraphQLError(help, { extensions: { code: 'BAD_USER_INPUT' } })
    return result
  }

const text = (node: ValueNode) => (node.kind === Kind.STRING ? node.value : undefined)

const rfc3339 = z.iso.datetime({ offset: true })
/** More than any language needs; private use would allow a tag of any length. */
const MAX_LOCALE = 100

const parseDateTime = parsed(
  'Expected an RFC 3339 date and time with its offset, as in 2030-01-31T18:00:00Z.',
  (value) => {
    // RFC 3339 allows its letters in lower case.
    const text = value.toUpperCase()
    const instant = rfc3339.safeParse(text).success ? Date.parse(text) : Number.NaN
    return instant >= 0 && instant <= LAST_INSTANT ? instant : undefined
  },
)
const parseEmailAddress = parsed('Expected an e-mail address.', (value) =>
  emailAddress.safeParse(value.trim()).success ? normalizeEmail(value) : undefined,
)
const parseLocale = parsed('Expected a BCP 47 language tag, as in en or de-CH.', (value) =>
  value.length <= MAX_LOCALE ? canonicalLocale(value) : undefined,
)
const parseUrl = parsed('Expected an absolute URL.', (value) => (URL.canParse(value) ? value : undefined))

const DAY_MS = 86_400_000
/** More days than lists are about. */
const KEPT_DAYS = 10_000
const days = new Map<number, string>()
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))

/** As `toISOString` writes it, in a fraction of the time: what a day is called is worked out once. */
function inUtc(instant: number): string {
  const day = Math.floor(instant / DAY_MS)
  let date = days.get(day)
  if (date === undefined) {
    date = new Date(day * DAY_MS).toISOString().slice(0, -'00:00:00.000Z'.length)
    if (days.size === KEPT_DAYS) days.clear()
    days.set(day, date)
  }
  const rest = instant - day * DAY_MS
  const [hours, minutes] = [Math.floor(rest / 3_600_000), Math.floor(rest / 60_000) % 60]
  const [seconds, milliseconds] = [Math.floor(rest / 1000) % 60, rest % 1000]
  const end = milliseconds === 0 ? '000' : String(milliseconds).padStart(3, '0')
  return `${date}${twoDigits[hours]}:${twoDigits[minutes]}:${twoDigits[seconds]}.${end}Z`
}

builder.scalarType('DateTime', {
  description:
    'An instant, as RFC 3339 has it. Any offset is taken from 1970 on; answers are in UTC with milliseconds.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: inUtc,
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(text(node)),
})

builder.scalarType('EmailAddress', {
  description:
    'An e-mail address. Blanks around it are dropped, its domain is put in lower case and, where it has other letters, as `xn--…`.',
  specifiedByURL: 'https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address',
  serialize: (address) => address,
  parseValue: parseEmailAddress,
  parseLiteral: (node) => parseEmailAddress(text(node)),
})

builder.scalarType('Locale', {
  description: 'A BCP 47 language tag, as in `en` or `de-CH`.',
  specifiedByURL: 'https://www.rfc-editor.org/info/bcp47',
  serialize: (locale) => locale,
  parseValue: parseLocale,
  parseLiteral: (node) => parseLocale(text(node)),
})

builder.scalarType('URL', {
  description: 'An absolute URL.',
  specifiedByURL: 'https://url.spec.whatwg.org/',
  serialize: (url) => url,
  parseValue: parseUrl,
  parseLiteral: (node) => parseUrl(text(node)),
})

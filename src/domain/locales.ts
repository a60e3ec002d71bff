import { match } from '@formatjs/intl-localematcher'

export interface LocalizedText {
  locale: string
  text: string
}

/** As many wishes as are looked at. */
const MAX_LOCALES = 20

/** The stored messages of an invite. */
export const messagesOf = (invite: { messages: string }) => JSON.parse(invite.messages) as LocalizedText[]

/** The text in the language that suits the reader best; the first one given where none does. */
export function bestMatch(
  messages: readonly LocalizedText[],
  wanted: readonly string[],
): LocalizedText | null {
  const [first] = messages
  if (!first) return null
  const locale = match(
    wanted.slice(0, MAX_LOCALES),
    messages.map((message) => message.locale),
    first.locale,
    { algorithm: 'best fit' },
  )
  return messages.find((message) => message.locale === locale) ?? first
}

/** The locales of an Accept-Language header, the most wanted first; what is malformed is passed over. */
export function acceptedLocales(header: string | null | undefined): string[] {
  if (!header) return []
  return header
    .split(',', MAX_LOCALES)
    .map((part, index) => {
      const [tag = '', ...parameters] = part.split(';').map((piece) => piece.trim())
      const quality = parameters.find((parameter) => /^q=/i.test(parameter))
      return { locale: canonicalLocale(tag), quality: quality ? Number(quality.slice(2)) : 1, index }
    })
    .filter((wish) => wish.quality > 0)
    .sort((a, b) => b.quality - a.quality || a.index - b.index)
    .flatMap((wish) => wish.locale ?? [])
}

/** The tag in its canonical form, as in `de-CH`; undefined where it is no BCP 47 language tag. */
export function canonicalLocale(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0]
  } catch {
    return undefined
  }
}

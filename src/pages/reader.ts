import { bestMatch } from '#domain/locales.ts'
import ar from './words/ar.json' with { type: 'json' }
import de from './words/de.json' with { type: 'json' }
import en from './words/en.json' with { type: 'json' }
import es from './words/es.json' with { type: 'json' }
import fr from './words/fr.json' with { type: 'json' }

const dictionaries: Record<string, Record<keyof typeof en, string>> = { en, de, es, fr, ar }
const languages = Object.keys(dictionaries).map((locale) => ({ locale, text: locale }))

export type Word = keyof typeof en

/** Texts that stand in others, whatever their direction. */
type Values = Readonly<Record<string, string>>

const FROM_RIGHT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u

/** Who reads a page: in which language, and how dates and numbers are written there. */
export interface Reader {
  /** The languages that they asked for. */
  locales: readonly string[]
  /** The one that they get. */
  language: string
  direction: 'ltr' | 'rtl'
  /** The text in their language, with what stands in it. */
  say(word: Word, values?: Values): string
  /** As it is in UTC; the page's script writes it in their own zone. */
  time(instant: number): { iso: string; text: string }
  number(value: number): string
  /** As in `12 seconds`. */
  seconds(value: number): string
}

/** A reader of the languages of a request, the most wanted first. */
export function readerOf(locales: readonly string[]): Reader {
  const language = bestMatch(languages, locales)?.text ?? 'en'
  const words = dictionaries[language] ?? en
  const direction = language === 'ar' ? 'rtl' : 'ltr'
  // As it is written where they live, where that is a place of the language.
  const locale = locales.find((wish) => new Intl.Locale(wish).language === language) ?? language
  const times = new Intl.DateTimeFormat(locale, { ...DATE, timeZone: 'UTC' })
  return {
    locales,
    language,
    direction,
    say: (word, values = {}) => filled(words[word], values, direction),
    time: (instant) => ({ iso: new Date(instant).toISOString(), text: times.format(instant) }),
    number: (value) => new Intl.NumberFormat(locale).format(value),
    seconds: (value) =>
      new Intl.NumberFormat(locale, { style: 'unit', unit: 'second', unitDisplay: 'long' }).format(value),
  }
}

/** The page's script writes dates by the same options. */
const DATE = {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZoneName: 'short',
} as const satisfies Intl.DateTimeFormatOptions

/** What runs the other way than the text around it is kept apart, so that it does not turn the words beside it. */
const filled = (text: string, values: Values, direction: string) =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? ''
    return direction === 'rtl' || FROM_RIGHT.test(value) ? `\u2068${value}\u2069` : value
  })

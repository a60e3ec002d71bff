import type { Letter } from '#domain/outbox.ts'
import { harmlessName, harmlessText } from './harmless.ts'
import { plainText } from './paragraphs.ts'
import type { Templates } from './templates.ts'

/** A mail as it is handed to a mail server. */
export interface ComposedMail {
  /** The same each time that it is sent, so that who gets it twice can tell. */
  messageId: string
  to: string
  locale: string
  subject: string
  text: string
  html: string
}

/** Writes mails: each in its language, as plain text and as HTML, with no link but ours. */
export class Composer {
  readonly #templates: Templates
  readonly #publicUrl: string

  constructor({ templates, publicUrl }: { templates: Templates; publicUrl: string }) {
    this.#templates = templates
    this.#publicUrl = publicUrl
  }

  compose(letter: Letter): ComposedMail {
    const locale = this.#templates.localeFor(letter.template, letter.locale)
    const page = this.#templates.page(letter.template, locale, {
      organization: harmlessName(letter.organization) ?? '…',
      inviter: harmlessName(letter.inviter),
      name: harmlessName(letter.name),
      message: harmlessText(letter.message),
      expires: letter.expiresAt === null ? null : dateIn(locale, letter.expiresAt),
    })
    const link = letter.token === null ? this.#publicUrl : `${this.#publicUrl}/invite/${letter.token}`
    return {
      messageId: `<${letter.id}@${new URL(this.#publicUrl).hostname}>`,
      to: letter.email,
      locale,
      subject: page.subject,
      text: plainText(page, link),
      html: this.#templates.html({ ...page, ...directionOf(locale), lang: locale, link }),
    }
  }
}

/** With the zone named: nobody knows where the reader is. */
const dateIn = (locale: string, instant: number) =>
  new Intl.DateTimeFormat(locale, {
    ...{ day: 'numeric', month: 'long', year: 'numeric', hour: 'numeric', minute: '2-digit' },
    ...{ timeZone: 'UTC', timeZoneName: 'short' },
  } as const).format(instant)

const RIGHT_TO_LEFT = ['Arab', 'Hebr', 'Syrc', 'Thaa', 'Nkoo', 'Adlm']

const directionOf = (locale: string) =>
  RIGHT_TO_LEFT.includes(new Intl.Locale(locale).maximize().script ?? '')
    ? ({ dir: 'rtl', start: 'right' } as const)
    : ({ dir: 'ltr', start: 'left' } as const)

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Liquid, type Template } from 'liquidjs'
import { bestMatch, canonicalLocale } from '#domain/locales.ts'
import { type MailTemplate, mailTemplates } from '#domain/mail.ts'
import { marked, type Page, pageOf } from './paragraphs.ts'

/** What templates may say; null where there is nothing to say. */
export interface Values {
  organization: string
  inviter: string | null
  name: string | null
  message: string | null
  expires: string | null
}

/** What the layout gets to make HTML of. */
export interface Layout extends Page {
  lang: string
  dir: 'ltr' | 'rtl'
  /** Where lines begin. */
  start: 'left' | 'right'
  link: string
}

/** A template, read when it is first asked for. */
type Parsed = () => Template[]

/** Templates that cannot be used: every fault of every file, one a line. */
export class TemplatesError extends Error {}

const FALLBACK = 'en'
const LAYOUT = 'layout.html.liquid'
const builtIn = join(import.meta.dirname, 'templates')

const complete: Values = {
  organization: 'Acme',
  inviter: 'Ada',
  name: 'Bob',
  message: 'Hello',
  expires: '1 May',
}
const leastOf = (values: Values): Values => ({
  ...values,
  inviter: null,
  name: null,
  message: null,
  expires: null,
})

// What is not there is a mistake of the template's writer; nothing is ever read from other files.
const strict = { strictFilters: true, strictVariables: true, templates: {} }
const plain = new Liquid({ ...strict, outputEscape: marked })
const html = new Liquid({ ...strict, outputEscape: 'escape' })

/** The templates by name and language: those built in, with a folder's in their place or beside them. */
export class Templates {
  readonly #pages = new Map<MailTemplate, Map<string, Parsed>>(mailTemplates.map((name) => [name, new Map()]))
  #layout: Parsed = () => []

  /** Refuses templates that could not be rendered when they are needed. */
  constructor(folder?: string) {
    for (const [path, file] of filesOf(builtIn)) this.#add(path, file)
    const faults: string[] = []
    for (const [path, file] of folder === undefined ? [] : ownFilesOf(folder)) {
      try {
        this.#add(path, file, { mustTry: true })
      } catch (error) {
        const [reason] = (error instanceof Error ? error.message : String(error)).split('\n')
        faults.push(`${file}: ${reason}`)
      }
    }
    if (faults.length > 0) throw new TemplatesError(faults.join('\n'))
  }

  /** The language that suits best of those that the template is there in. */
  localeFor(name: MailTemplate, wanted: string | null): string {
    const locales = [FALLBACK, ...(this.#pages.get(name)?.keys() ?? [])]
    const choices = locales.map((locale) => ({ locale, text: locale }))
    return bestMatch(choices, wanted === null ? [] : [wanted])?.locale ?? FALLBACK
  }

  page = (name: MailTemplate, locale: string, values: Values): Page =>
    pageFrom(this.#pages.get(name)?.get(locale)?.() ?? [], values)

  html = (layout: Layout) => htmlFrom(this.#layout(), layout)

  /** Those built in are tried by the tests, so they are not even read before the first mail. */
  #add(path: string, file: string, { mustTry = false } = {}) {
    const template = parsed(path, file === LAYOUT ? html : plain)
    if (file === LAYOUT) {
      if (mustTry) tryLayout(template(), this.page('guest_invitation', FALLBACK, complete))
      this.#layout = template
      return
    }
    const [, name, tag = ''] = /^([a-z_]+)\.([A-Za-z0-9-]+)\.liquid$/.exec(file) ?? []
    const pages = this.#pages.get(name as MailTemplate)
    const locale = canonicalLocale(tag)
    if (!pages || !locale) {
      throw new Error(
        `expected <template>.<locale>.liquid with one of ${mailTemplates.join(', ')}, or ${LAYOUT}.`,
      )
    }
    for (const values of mustTry ? [complete, leastOf(complete)] : []) check(pageFrom(template(), values))
    pages.set(locale, template)
  }
}

function parsed(path: string, liquid: Liquid): Parsed {
  let template: Template[] | undefined
  return () => {
    template ??= liquid.parse(readFileSync(path, 'utf8'))
    return template
  }
}

const pageFrom = (template: Template[], values: Values): Page => pageOf(plain.renderSync(template, values))
const htmlFrom = (template: Template[], layout: Layout): string => html.renderSync(template, layout)

function tryLayout(layout: Template[], page: Page) {
  const link = 'https://latchkey.example/invite'
  const made = htmlFrom(layout, { ...page, lang: 'en', dir: 'ltr', start: 'left', link })
  if (!made.includes(link)) throw new Error('the layout leaves the link out.')
}

function check({ subject, paragraphs }: Page) {
  if (subject.trim() === '') throw new Error('the first line must be the subject.')
  const buttons = paragraphs.filter(({ kind }) => kind === 'button')
  if (buttons.length !== 1) throw new Error('one paragraph must be the button: [Accept the invitation].')
}

/** Layouts last: they are tried out with a page. */
function filesOf(folder: string): [path: string, file: string][] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.liquid'))
  return files
    .sort((a, b) => Number(a === LAYOUT) - Number(b === LAYOUT) || (a < b ? -1 : 1))
    .map((file) => [join(folder, file), file])
}

function ownFilesOf(folder: string) {
  try {
    return filesOf(folder)
  } catch {
    throw new TemplatesError('The folder cannot be read.')
  }
}

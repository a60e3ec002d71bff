import { Liquid } from 'liquidjs'
import type { LinkView } from '#domain/linkView.ts'
import { accentOf } from './color.ts'
import { type Attempt, invitationSheet } from './invitation.ts'
import { type Problem, problemSheet } from './problem.ts'
import type { Reader } from './reader.ts'

/** A page, ready to be sent. */
export interface Page {
  status: number
  html: string
}

/** What a template is filled with, beside what all of them share. */
export interface Sheet {
  status: number
  template: 'invitation' | 'doors' | 'key' | 'problem'
  title: string
  data: Readonly<Record<string, unknown>>
  /** Whether its heading names the organization already. */
  greets?: boolean
  /** What of the page changes without its reader: told apart by it, live. Null where it must stay as it is. */
  state: string | null
}

/** The addresses of the files that pages refer to, from the root of the site on. */
export interface PageFiles {
  style: string
  script: string
  icon: string
}

/** A link and what stands behind it. */
export interface Visit {
  token: string
  view: LinkView
  reader: Reader
  /** Whether they have signed in as a person. */
  isPerson: boolean
}

const liquid = new Liquid({
  root: `${import.meta.dirname}/templates`,
  extname: '.liquid',
  cache: true,
  outputEscape: 'escape',
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
})

/** The pages of guests, for a site at this path. */
export class Pages {
  readonly #base: string
  readonly #files: PageFiles

  constructor(base: string, files: PageFiles) {
    this.#base = base
    this.#files = files
  }

  /** What stands behind a link, and what came of what its reader has just tried. */
  invitation(visit: Visit, attempt: Attempt): Page {
    return this.#page(visit.reader, invitationSheet(visit, this.#here(visit.token), attempt), visit)
  }

  /** That there is nothing to see or to do, and why. */
  problem(reader: Reader, problem: Problem, token?: string, view?: LinkView): Page {
    const visit = token !== undefined && view ? { token, view } : undefined
    const back = token === undefined ? null : this.#here(token)
    return this.#page(reader, problemSheet(reader, problem, back), visit)
  }

  #here = (token: string) => `${this.#base}/invite/${encodeURIComponent(token)}`

  #page(reader: Reader, sheet: Sheet, visit: Pick<Visit, 'token' | 'view'> | undefined): Page {
    const organization = visit?.view.organization
    const here = visit && this.#here(visit.token)
    const html = liquid.renderFileSync(sheet.template, {
      ...sheet.data,
      words: wordsFor(reader),
      page: {
        title: sheet.title,
        language: reader.language,
        direction: reader.direction,
        style: this.#base + this.#files.style,
        script: this.#base + this.#files.script,
        icon: this.#base + this.#files.icon,
        accent: organization ? `${this.#base}/pages/accent/${accentOf(organization)}.css` : null,
        organization: organization?.name ?? null,
        initial: organization ? initialOf(organization.name) : null,
        here: here ?? null,
        state: sheet.state,
        greets: sheet.greets ?? false,
      },
    }) as string
    return { status: sheet.status, html }
  }
}

/** Words that templates need whatever they show. */
const wordsFor = ({ say }: Reader) => ({
  back: say('back'),
  calendar: say('calendar'),
  comeBack: say('comeBack'),
  copied: say('copied'),
  copy: say('copy'),
  keyOnce: say('keyOnce'),
  open: say('opens'),
})

/** The first character as a reader sees it, of several code points perhaps. */
const initialOf = (name: string) =>
  [...new Intl.Segmenter().segment(name)][0]?.segment.toLocaleUpperCase() ?? ''

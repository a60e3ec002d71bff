import { randomBytes } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Logger } from 'pino'
import { anonymous } from '#domain/access.ts'
import { type LinkView, viewLink } from '#domain/linkView.ts'
import { acceptedLocales } from '#domain/locales.ts'
import type { Attempt } from '#pages/invitation.ts'
import type { Page, Pages } from '#pages/pages.ts'
import type { Problem } from '#pages/problem.ts'
import { readerOf } from '#pages/reader.ts'
import { requestIdFor, type Services } from './context.ts'
import { authenticate } from './credentials.ts'
import { referrerPolicyOf } from './forms.ts'
import { acceptByForm, openByForm } from './guestActions.ts'
import { calendarOfLink } from './guestCalendar.ts'
import { grantCookieOf } from './guestCookie.ts'
import { problemOf } from './guestProblems.ts'
import { GuestStreams } from './guestStreams.ts'
import type { EventStreams } from './sse.ts'

const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

export interface GuestDeskOptions {
  services: Services
  log: Logger
  publicUrl: string
  pages: Pages
  streams: EventStreams
}

/** One request for what is behind a link. */
export interface Errand {
  request: Request
  address: string
  token: string
  /** What of the link is asked for; `refused` where it is asked in a way that it is not. */
  part: string
  /** The methods that there are. */
  allow: string
}

export type Guest = Awaited<ReturnType<GuestDesk['guestOf']>>

/** Answers who opens a link: with a page, whatever happens. Reading changes nothing; only forms do. */
export class GuestDesk {
  readonly services: Services
  readonly publicUrl: string
  readonly pages: Pages
  readonly #log: Logger
  readonly #streams: GuestStreams
  readonly #headers: Record<string, string>

  constructor({ services, log, publicUrl, pages, streams }: GuestDeskOptions) {
    this.services = services
    this.publicUrl = publicUrl
    this.pages = pages
    this.#log = log
    this.#streams = new GuestStreams(services.store, streams, log)
    this.#headers = {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy,
      'referrer-policy': referrerPolicyOf(publicUrl),
      'x-robots-tag': 'noindex, nofollow',
      'cache-control': 'no-store',
      vary: 'accept-language, cookie',
    }
  }

  async answer(errand: Errand): Promise<Response> {
    const guest = await this.guestOf(errand)
    try {
      return await this.#answer(errand, guest)
    } catch (error) {
      return this.problem(guest, problemOf(error) ?? this.#fault(error, guest))
    }
  }

  /** Who opens the link. Credentials that are not good count as none: nothing of the page needs any. */
  async guestOf({ request, address, token }: Errand) {
    const header = (name: string) => request.headers.get(name)
    const viewer = await authenticate(this.services, header).catch(() => anonymous)
    return {
      request,
      token,
      viewer: { ...viewer, address },
      reader: readerOf(acceptedLocales(header('accept-language'))),
      requestId: requestIdFor(request),
    }
  }

  async #answer({ part, allow, request }: Errand, guest: Guest): Promise<Response> {
    const isPosted = request.method === 'POST'
    if (part === 'refused') return this.problem(guest, { kind: 'BAD_FORM', status: 405 }, { allow })
    if (part === 'open' && !isPosted) return this.back(guest)
    if (part === 'open') return openByForm(this, guest)
    if (isPosted) return acceptByForm(this, guest)
    const view = await this.view(guest)
    if (!view) return this.problem(guest, { kind: 'UNKNOWN' })
    if (part === 'live') return this.#streams.response(guest, view)
    if (part === 'calendar.ics') return calendarOfLink(this, guest, view)
    return this.invitation(guest, view)
  }

  /** What the guest may see of what is behind the link; null where nothing is. */
  view({ request, token, viewer }: Guest): Promise<LinkView | null> {
    return viewLink(this.services.store, viewer, token, grantCookieOf(request))
  }

  /** The page of the invitation, with what came of what was tried. */
  invitation(guest: Guest, view: LinkView, attempt: Partial<Attempt> = {}, status?: number): Response {
    const { token, reader, viewer } = guest
    const isPerson = viewer.kind === 'user' || viewer.kind === 'newcomer'
    const visit = { token, view, reader, isPerson }
    const page = this.pages.invitation(visit, { nonce: randomBytes(32).toString('base64url'), ...attempt })
    return this.#sent(guest, { ...page, status: status ?? page.status })
  }

  problem(guest: Guest, problem: Problem, headers: Record<string, string> = {}): Response {
    return this.#sent(guest, this.pages.problem(guest.reader, problem, guest.token), {
      ...headers,
      ...(problem.kind === 'RATE_LIMITED' && { 'retry-after': String(problem.seconds) }),
      ...(problem.kind === 'SIGN_IN' && { 'www-authenticate': 'Bearer' }),
    })
  }

  /** To the page of the link, by an address without a host: no header of a request can lead off the site. */
  back({ token }: Guest, headers: Record<string, string> = {}): Response {
    const { 'content-type': _, ...shared } = this.#headers
    return new Response(null, {
      status: 303,
      headers: { ...shared, ...headers, location: this.pathOf(token) },
    })
  }

  /** The address of a link's page, from the root of the site on. */
  pathOf(token: string): string {
    return `${new URL(this.publicUrl).pathname.replace(/\/$/, '')}/invite/${encodeURIComponent(token)}`
  }

  #sent({ request, reader }: Guest, { status, html }: Page, headers: Record<string, string> = {}): Response {
    return new Response(request.method === 'HEAD' ? null : html, {
      status,
      statusText: STATUS_CODES[status] ?? '',
      headers: { ...this.#headers, 'content-language': reader.language, ...headers },
    })
  }

  /** Without the address of the request: the secret of the link is in it. */
  #fault(error: unknown, { requestId }: Guest): Problem {
    this.#log.error({ err: error, requestId }, 'a page failed')
    return { kind: 'FAILED', requestId }
  }
}

import { randomUUID } from 'node:crypto'
import { acceptedLocales } from '#domain/locales.ts'
import type { Context } from '#schema/context.ts'
import type { AllowedDocuments } from './allowedDocuments.ts'
import { authenticate, type Gatekeepers, type HeaderReader, type SignedBody } from './credentials.ts'

/** What every operation needs of its server. */
export interface Services extends Gatekeepers {
  readonly publicUrl: string
  /** The only documents that may run; all where it is left out. */
  readonly allowedDocuments?: AllowedDocuments | undefined
  /** How many proxies in front add to X-Forwarded-For. */
  readonly trustedProxies: number
}

/** One request, or what stands for one over WebSocket. */
export interface Call {
  header: HeaderReader
  /** Where it comes from, as limits count: `bucketOf` makes it. */
  address: string
  requestId?: string
  body?: SignedBody | undefined
}

/** The one way to a context, for HTTP, WebSocket and SSE. Refuses credentials that are not good. */
export async function createContext(
  services: Services,
  { header, address, ...call }: Call,
): Promise<Context> {
  return {
    requestId: call.requestId ?? requestIdOf(header),
    store: services.store,
    publicUrl: services.publicUrl,
    viewer: { ...(await authenticate(services, header, call.body)), address },
    locales: acceptedLocales(header('accept-language')),
    lastEventId: header('last-event-id') || undefined,
    loaders: new Map(),
    outcomes: new Map(),
  }
}

/** The id that the client gave its request, or one that we make. */
export function requestIdOf(header: HeaderReader): string {
  const given = header('x-client-request-id')
  return given && /^[A-Za-z0-9._-]{8,128}$/.test(given) ? given : randomUUID()
}

const requestIds = new WeakMap<Request, string>()

/** The same for an HTTP request: one id, however often it is asked for. */
export function requestIdFor(request: Request): string {
  const id = requestIds.get(request) ?? requestIdOf((name) => request.headers.get(name))
  requestIds.set(request, id)
  return id
}

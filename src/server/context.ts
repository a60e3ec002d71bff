import { v7 } from 'uuid'
import { anonymous, type Viewer } from '#domain/access.ts'
import { viewerOfKey } from '#domain/apiKey.ts'
import { Refusal } from '#domain/errors.ts'
import { acceptedLocales } from '#domain/locales.ts'
import type { Store } from '#domain/store.ts'
import type { Context } from '#schema/context.ts'

/** What every operation needs of its server. */
export interface Services {
  readonly store: Store
  readonly publicUrl: string
}

/** A header of the request; over WebSocket, what stands for one. */
export type HeaderReader = (name: string) => string | null | undefined

/** The one way to a context, for HTTP, WebSocket and SSE. Refuses credentials that are not good. */
export async function createContext(
  { store, publicUrl }: Services,
  header: HeaderReader,
  requestId = requestIdOf(header),
): Promise<Context> {
  return {
    requestId,
    store,
    publicUrl,
    viewer: await viewerOf(store, header),
    locales: acceptedLocales(header('accept-language')),
    lastEventId: header('last-event-id') || undefined,
  }
}

/** Who calls: anonymous without credentials, never with bad ones. */
export async function viewerOf(store: Store, header: HeaderReader): Promise<Viewer> {
  const authorization = header('authorization')
  if (!authorization) return anonymous
  const [, key] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
  const viewer = key && (await viewerOfKey(store, key))
  if (viewer) return viewer
  throw new Refusal(
    'UNAUTHENTICATED',
    'This API key is unknown, revoked or expired. Send Authorization: Bearer <key>.',
  )
}

/** The id that the client gave its request, or one that we make. */
export function requestIdOf(header: HeaderReader): string {
  const given = header('x-client-request-id')
  return given && /^[A-Za-z0-9._-]{8,128}$/.test(given) ? given : v7()
}

const requestIds = new WeakMap<Request, string>()

/** The same for an HTTP request: one id, however often it is asked for. */
export function requestIdFor(request: Request): string {
  const id = requestIds.get(request) ?? requestIdOf((name) => request.headers.get(name))
  requestIds.set(request, id)
  return id
}

import type { Plugin } from 'graphql-yoga'

const PREFLIGHT_SECONDS = 7200

/** What tells a page of this origin, where it is listed, that it may read the answer. */
export function corsHeaders(
  origins: readonly string[],
  origin: string | null | undefined,
): Record<string, string> {
  if (origins.length === 0) return {}
  return {
    vary: 'origin',
    ...(origins.includes(origin ?? '') && {
      'access-control-allow-origin': origin ?? '',
      'access-control-expose-headers': 'x-client-request-id',
    }),
  }
}

/**
 * Lets pages of these origins, and of no others, call and read answers. No credentials are allowed: keys
 * travel in a header of their own, never in cookies.
 */
export const useCors = (origins: readonly string[]): Plugin => {
  const isListed = (request: Request) => origins.includes(request.headers.get('origin') ?? '')
  return {
    onRequest({ request, endResponse }) {
      if (request.method === 'OPTIONS' && isListed(request)) endResponse(new Response(null, { status: 204 }))
    },
    onResponse({ request, response: { headers } }) {
      for (const [name, value] of Object.entries(corsHeaders(origins, request.headers.get('origin')))) {
        headers.append(name, value)
      }
      if (request.method !== 'OPTIONS' || !isListed(request)) return
      headers.set('access-control-allow-methods', 'POST')
      headers.set('access-control-allow-headers', request.headers.get('access-control-request-headers') ?? '')
      headers.set('access-control-max-age', String(PREFLIGHT_SECONDS))
    },
  }
}

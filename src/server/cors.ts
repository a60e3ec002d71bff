import type { Plugin } from 'graphql-yoga'

const PREFLIGHT_SECONDS = 7200

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
      headers.append('vary', 'origin')
      if (!isListed(request)) return
      headers.set('access-control-allow-origin', request.headers.get('origin') ?? '')
      headers.set('access-control-expose-headers', 'x-client-request-id')
      if (request.method !== 'OPTIONS') return
      headers.set('access-control-allow-methods', 'POST')
      headers.set('access-control-allow-headers', request.headers.get('access-control-request-headers') ?? '')
      headers.set('access-control-max-age', String(PREFLIGHT_SECONDS))
    },
  }
}

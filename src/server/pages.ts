import { STATUS_CODES } from 'node:http'
import type { Plugin } from 'graphql-yoga'
import { printedSchema } from '#schema/schema.ts'
import type { Services } from './context.ts'
import { authenticate } from './credentials.ts'

export interface PagesOptions {
  services: Services
  /** Whether the database answers and has every migration. */
  ready: () => Promise<boolean>
  /** Which database this server is of: for its operator, who has the database. */
  databaseId: () => Promise<string | undefined>
  openSchema: boolean
}

/** The plain pages beside the API: `/health`, `/ready` and `/schema.graphql`. */
export function usePages({ services, ready, databaseId, openSchema }: PagesOptions): Plugin {
  const schemaPage = async (request: Request) => {
    const viewer = await authenticate(services, (name) => request.headers.get(name)).catch(() => undefined)
    return openSchema || viewer?.kind === 'key'
      ? text(printedSchema(), 200)
      : text('Sign in first: send an API key as Authorization: Bearer <key>.\n', 401)
  }

  return {
    async onRequest({ request, url, endResponse }) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return
      if (url.pathname === '/health') {
        // It lives, whatever the database says.
        const id = await databaseId().catch(() => undefined)
        return endResponse(text('ok\n', 200, id ? { 'x-latchkey-database': id } : {}))
      }
      if (url.pathname === '/ready') {
        const isReady = await ready().catch(() => false)
        return endResponse(isReady ? text('ready\n', 200) : text('not ready\n', 503))
      }
      if (url.pathname === '/schema.graphql') return endResponse(await schemaPage(request))
    },
  }
}

const text = (body: string, status: number, headers: Record<string, string> = {}) =>
  new Response(body, {
    status,
    statusText: STATUS_CODES[status] ?? '',
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers },
  })

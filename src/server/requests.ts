import type { Plugin } from 'graphql-yoga'
import { requestIdOf } from './context.ts'

/** Bytes that a request's body may have. */
export const MAX_BODY_BYTES = 100_000

/**
 * What a request may look like: POST with a JSON body, nothing else. Forms, plain text and GET are how a
 * foreign page would reach a server with a visitor's own network; none of them can send JSON unasked.
 */
export const useStrictRequests = (): Plugin => ({
  onRequestParse({ request, endResponse, fetchAPI }) {
    const refuse = (status: number, message: string, headers: Record<string, string> = {}) =>
      endResponse(
        fetchAPI.Response.json(
          { errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] },
          { status, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' } },
        ),
      )
    if (request.method !== 'POST') {
      return refuse(405, 'Send operations by POST.', { allow: 'POST' })
    }
    if (!/^application\/json(?:\s*;|$)/i.test(request.headers.get('content-type') ?? '')) {
      return refuse(415, 'Send operations as application/json.')
    }
  },
})

/** A request that failed as a whole answers 400, a caller with bad credentials 401. */
export const useHttpStatus = (): Plugin => ({
  onExecutionResult({ result }) {
    if (!result || Array.isArray(result) || !('errors' in result) || 'data' in result) return
    for (const error of result.errors ?? []) {
      const unauthenticated = error.extensions?.code === 'UNAUTHENTICATED'
      const http = unauthenticated
        ? { status: 401, headers: { 'www-authenticate': 'Bearer' } }
        : // By the GraphQL over HTTP specification; for `application/json` alone it stays 200.
          { status: 400, spec: true }
      error.extensions.http ??= http
    }
  },
})

/** What every answer carries: the request's id, and that nothing may guess or frame it. */
export const useResponseHeaders = (): Plugin => ({
  onResponse({ request, response }) {
    response.headers.set(
      'x-client-request-id',
      requestIdOf((name) => request.headers.get(name)),
    )
    response.headers.set('x-content-type-options', 'nosniff')
  },
})

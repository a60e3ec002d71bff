import { STATUS_CODES } from 'node:http'
import { GraphQLError } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import type { AllowedDocuments } from './allowedDocuments.ts'
import { requestIdFor } from './context.ts'
import { postedParameters, queriedParameters, RequestFault } from './parameters.ts'

const ENDPOINT = /^https?:\/\/[^/?#]*\/graphql\/?(?:[?#]|$)/
const JSON_BODY = /^application\/json\s*(?:;\s*charset="?utf-?8"?\s*)?$/i
const ANSWERS =
  /(?:^|,)\s*(?:\*\/\*|application\/(?:\*|json|graphql-response\+json)|text\/(?:\*|event-stream))\s*(?:[;,]|$)/i
const STREAMS = /(?:^|,)\s*(?:\*\/\*|text\/(?:\*|event-stream))\s*(?:[;,]|$)/i

/** Whether a body of this type is JSON. */
export const isJson = (contentType: string | null | undefined) => JSON_BODY.test(contentType ?? '')

export interface RequestOptions {
  /** Whether queries may come by GET. */
  get?: boolean | undefined
  /** The only documents that may run; all where it is left out. */
  allowed?: AllowedDocuments | undefined
}

/**
 * What a request may look like: POST with a JSON body, and GET only where it is allowed. Forms, plain text
 * and GET are how a foreign page would reach a server with a visitor's own network; none of them can send
 * JSON unasked. Whoever could not read the answer is refused too, before anything is done.
 */
export const useStrictRequests = ({ get, allowed }: RequestOptions = {}): Plugin<{ request: Request }> => ({
  onRequest({ request, endResponse }) {
    if (!ENDPOINT.test(request.url)) endResponse(refusal(404, 'NOT_FOUND', 'The API is at /graphql.'))
  },
  onRequestParse({ request, endResponse, setRequestParser }) {
    const byGet = Boolean(get) && request.method === 'GET'
    const refused = refusalOf(request, byGet, get ? 'GET, POST' : 'POST')
    if (refused) return endResponse(refused)
    setRequestParser((posted) =>
      answeringFaults(async () =>
        byGet ? queriedParameters(posted, allowed) : postedParameters(posted, allowed),
      ),
    )
  },
  onSubscribe({ args, setSubscribeFn }) {
    if (STREAMS.test(acceptOf(args.contextValue.request))) return
    const error = new GraphQLError('Subscribe with Accept: text/event-stream, or over WebSocket.', {
      extensions: { code: 'BAD_REQUEST', http: { status: 406 } },
    })
    setSubscribeFn(() => ({ errors: [error] }))
  },
})

/** A request that failed as a whole answers 400, a caller with bad credentials 401, our own fault 500. */
export const useHttpStatus = (): Plugin => ({
  onExecutionResult({ result, setResult }) {
    if (!result || Array.isArray(result) || !('errors' in result)) return
    const failed = !('data' in result)
    // Copies: the faults of a document are kept with it, and told over WebSocket too.
    const errors = result.errors?.map((error) => {
      const http = httpOf(error, failed)
      return http ? withExtensions(error, { ...error.extensions, http }) : error
    })
    setResult({ ...result, errors: errors ?? [] })
  },
})

const withExtensions = (error: GraphQLError, extensions: Record<string, unknown>) =>
  new GraphQLError(error.message, {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    path: error.path,
    extensions,
  })

function httpOf({ extensions: { code, http, retryAfter } }: GraphQLError, failed: boolean) {
  if (http || code === undefined) return undefined
  if (code === 'RATE_LIMITED') return { headers: { 'retry-after': String(retryAfter) } }
  if (!failed) return undefined
  if (code === 'UNAUTHENTICATED') return { status: 401, headers: { 'www-authenticate': 'Bearer' } }
  if (code === 'INTERNAL_SERVER_ERROR') return { status: 500 }
  // By the GraphQL over HTTP specification; for `application/json` alone it stays 200.
  return { status: 400, spec: true }
}

/** What every answer carries beside its request's id: that nothing may guess, frame, keep or pass it on. */
export const responseHeaders = (publicUrl: string): Record<string, string> => ({
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  ...(publicUrl.startsWith('https:') && { 'strict-transport-security': 'max-age=31536000' }),
})

/** Pages bring their own of these. */
const OWN = ['cache-control', 'content-security-policy', 'referrer-policy']

/** The same for what Yoga answers. */
export function useResponseHeaders(publicUrl: string): Plugin {
  const all = Object.entries(responseHeaders(publicUrl))
  return {
    onResponse({ request, response: { headers } }) {
      headers.set('x-client-request-id', requestIdFor(request))
      for (const [name, value] of all)
        if (!(OWN.includes(name) && headers.has(name))) headers.set(name, value)
    },
  }
}

const acceptOf = (request: Request) => request.headers.get('accept') ?? '*/*'

/** The parameters, or the answer to a request that has none. */
async function answeringFaults(read: () => Promise<GraphQLParams>): Promise<GraphQLParams | Response> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof RequestFault) return refusal(error.status, 'BAD_REQUEST', error.message)
    if (error instanceof GraphQLError) return refusal(400, String(error.extensions.code), error.message)
    throw error
  }
}

function refusalOf(request: Request, byGet: boolean, allow: string): Response | undefined {
  if (request.method !== 'POST' && !byGet) {
    return refusal(405, 'BAD_REQUEST', 'Send operations by POST, as JSON: {"query": "{ __typename }"}.', {
      allow,
    })
  }
  if (!byGet && !isJson(request.headers.get('content-type'))) {
    return refusal(
      415,
      'BAD_REQUEST',
      'Send operations with the header Content-Type: application/json, in UTF-8.',
    )
  }
  if (!ANSWERS.test(acceptOf(request))) {
    return refusal(
      406,
      'BAD_REQUEST',
      'Answers are JSON: send Accept: application/json, or no Accept at all.',
    )
  }
  return undefined
}

const refusal = (status: number, code: string, message: string, headers: Record<string, string> = {}) =>
  Response.json(
    { errors: [{ message, extensions: { code } }] },
    {
      status,
      statusText: STATUS_CODES[status] ?? '',
      headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
    },
  )

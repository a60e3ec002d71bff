import { STATUS_CODES } from 'node:http'
import { GraphQLError } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { requestIdFor } from './context.ts'

/** Bytes that a request's body may have. */
const MAX_BODY_BYTES = 100_000

const ENDPOINT = /^https?:\/\/[^/?#]*\/graphql\/?(?:[?#]|$)/
const JSON_BODY = /^application\/json\s*(?:;\s*charset="?utf-?8"?\s*)?$/i
const ANSWERS =
  /(?:^|,)\s*(?:\*\/\*|application\/(?:\*|json|graphql-response\+json)|text\/(?:\*|event-stream))\s*(?:[;,]|$)/i
const STREAMS = /(?:^|,)\s*(?:\*\/\*|text\/(?:\*|event-stream))\s*(?:[;,]|$)/i

/**
 * What a request may look like: POST with a JSON body, nothing else. Forms, plain text and GET are how a
 * foreign page would reach a server with a visitor's own network; none of them can send JSON unasked.
 * Whoever could not read the answer is refused too, before anything is done.
 */
export const useStrictRequests = (): Plugin<{ request: Request }> => ({
  onRequest({ request, endResponse }) {
    if (!ENDPOINT.test(request.url)) endResponse(refusal(404, 'NOT_FOUND', 'The API is at /graphql.'))
  },
  onRequestParse({ request, endResponse, setRequestParser }) {
    const refused = refusalOf(request)
    if (refused) endResponse(refused)
    else setRequestParser(parametersOf)
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
  onExecutionResult({ result }) {
    if (!result || Array.isArray(result) || !('errors' in result) || 'data' in result) return
    for (const error of result.errors ?? []) error.extensions.http ??= httpOf(error)
  },
})

function httpOf({ extensions: { code } }: GraphQLError) {
  if (code === 'UNAUTHENTICATED') return { status: 401, headers: { 'www-authenticate': 'Bearer' } }
  if (code === 'INTERNAL_SERVER_ERROR') return { status: 500 }
  // By the GraphQL over HTTP specification; for `application/json` alone it stays 200.
  return { status: 400, spec: true }
}

/** What every answer carries: the request's id, and that nothing may guess or frame it. */
export const useResponseHeaders = (): Plugin => ({
  onResponse({ request, response }) {
    response.headers.set('x-client-request-id', requestIdFor(request))
    response.headers.set('x-content-type-options', 'nosniff')
  },
})

const acceptOf = (request: Request) => request.headers.get('accept') ?? '*/*'

function refusalOf(request: Request): Response | undefined {
  if (request.method !== 'POST') {
    return refusal(405, 'BAD_REQUEST', 'Send operations by POST.', { allow: 'POST' })
  }
  if (!JSON_BODY.test(request.headers.get('content-type') ?? '')) {
    return refusal(415, 'BAD_REQUEST', 'Send operations as application/json, in UTF-8.')
  }
  if (!ANSWERS.test(acceptOf(request))) {
    return refusal(406, 'BAD_REQUEST', 'Answers are application/graphql-response+json or application/json.')
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

async function parametersOf(request: Request): Promise<GraphQLParams | Response> {
  const bytes = await bodyOf(request)
  if (!bytes) return refusal(413, 'BAD_REQUEST', `A body may have at most ${MAX_BODY_BYTES} bytes.`)
  let body: unknown
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return refusal(400, 'BAD_REQUEST', 'The body is not JSON in UTF-8.')
  }
  const fault = faultOf(body)
  return fault ? refusal(400, 'BAD_REQUEST', fault) : (body as GraphQLParams)
}

/** The body's bytes; undefined where they are too many. */
async function bodyOf(request: Request): Promise<Uint8Array | undefined> {
  const declared = request.headers.get('content-length')
  // Node holds a body to the length that it declares.
  if (declared !== null) return Number(declared) > MAX_BODY_BYTES ? undefined : request.bytes()
  const reader = request.body?.getReader()
  const chunks: Uint8Array[] = []
  for (let size = 0; reader; ) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > MAX_BODY_BYTES) {
      // Not cancelled: that would close the connection before the answer is out.
      void drain(reader)
      return undefined
    }
    chunks.push(value)
  }
  return Buffer.concat(chunks)
}

async function drain(reader: ReadableStreamDefaultReader) {
  try {
    while (!(await reader.read()).done);
  } catch {
    // The client has gone, and nobody waits for the rest.
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function faultOf(body: unknown): string | undefined {
  if (!isObject(body)) return 'The body must be one JSON object: {"query": …}. Batches are not taken.'
  const { query, operationName, variables, extensions, ...others } = body
  if (typeof query !== 'string') return '`query` must be a string, the document to run.'
  if (operationName != null && typeof operationName !== 'string') return '`operationName` must be a string.'
  if (variables != null && !isObject(variables)) return '`variables` must be an object.'
  if (extensions != null && !isObject(extensions)) return '`extensions` must be an object.'
  if (Object.keys(others).length > 0) {
    return 'The body may have `query`, `operationName`, `variables` and `extensions`, nothing else.'
  }
  return undefined
}

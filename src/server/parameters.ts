import { isUtf8 } from 'node:buffer'
import type { GraphQLParams } from 'graphql-yoga'
import type { AllowedDocuments } from './allowedDocuments.ts'
import type { SignedBody } from './credentials.ts'

/** Bytes that a request's body may have. */
export const MAX_BODY_BYTES = 100_000

/** What is wrong with a request; it never reaches the engine. */
export class RequestFault extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const signedBodies = new WeakMap<Request, SignedBody>()

/** The body of a request that came with a signature over it. */
export const signedBodyOf = (request: Request) => signedBodies.get(request)

/** The operation in the body of a POST. */
export async function postedParameters(request: Request, allowed?: AllowedDocuments): Promise<GraphQLParams> {
  const bytes = await bodyOf(request)
  if (!bytes) throw new RequestFault(413, `A body may have at most ${MAX_BODY_BYTES} bytes.`)
  const body = parsedJson(bytes)
  if (request.headers.has('x-stamp')) {
    const extensions = isObject(body) && isObject(body.extensions) ? body.extensions : {}
    signedBodies.set(request, { bytes, timestampMs: extensions.timestampMs })
  }
  return checkedParameters(body, allowed)
}

/** The operation in the address of a GET; which of them may run this way is Yoga's to say: queries only. */
export function queriedParameters(request: Request, allowed?: AllowedDocuments): GraphQLParams {
  const { searchParams } = new URL(request.url)
  const body: Record<string, unknown> = Object.fromEntries(searchParams)
  for (const name of ['variables', 'extensions']) {
    if (typeof body[name] === 'string') body[name] = parsedJson(Buffer.from(body[name]))
  }
  return checkedParameters(body, allowed)
}

/** Some clients write it before everything. */
const BYTE_ORDER_MARK = '\ufeff'

/** What the bytes say; refuses what is not JSON in UTF-8. */
export function parsedJson(bytes: Uint8Array): unknown {
  try {
    // A decoder that refuses what is not UTF-8 takes five times as long.
    if (!isUtf8(bytes)) throw new TypeError()
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
    return JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text)
  } catch {
    throw new RequestFault(
      400,
      'The body is not JSON in UTF-8. It must look like this: {"query": "{ __typename }"}.',
    )
  }
}

/** The body's bytes; undefined where they are too many. */
export async function bodyOf(request: Request, most = MAX_BODY_BYTES): Promise<Uint8Array | undefined> {
  const declared = request.headers.get('content-length')
  // Node holds a body to the length that it declares.
  if (declared !== null) return Number(declared) > most ? undefined : request.bytes()
  const reader = request.body?.getReader()
  const chunks: Uint8Array[] = []
  for (let size = 0; reader; ) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > most) {
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

/** The operation that a body means; refuses what is no operation, or not one that may run. */
export function checkedParameters(
  body: unknown,
  allowed: AllowedDocuments | undefined,
): GraphQLParams & { query: string } {
  const refuse = (message: string): never => {
    throw new RequestFault(400, message)
  }
  if (!isObject(body)) {
    return refuse('The body must be one JSON object: {"query": …}. Batches are not taken.')
  }
  const { query, operationName, variables, extensions, documentId, ...others } = body
  if (documentId != null && !allowed)
    return refuse('`documentId` names nothing: no documents are registered here.')
  if (documentId != null && typeof documentId !== 'string') return refuse('`documentId` must be a string.')
  if (query != null || !allowed) {
    if (typeof query !== 'string') return refuse('`query` must be a string, the document to run.')
  }
  if (operationName != null && typeof operationName !== 'string')
    return refuse('`operationName` must be a string.')
  if (variables != null && !isObject(variables)) return refuse('`variables` must be an object.')
  if (extensions != null && !isObject(extensions)) return refuse('`extensions` must be an object.')
  if (Object.keys(others).length > 0) {
    return refuse('The body may have `query`, `operationName`, `variables` and `extensions`, nothing else.')
  }
  const parameters = { operationName, variables, extensions } as GraphQLParams
  return {
    ...parameters,
    query: allowed ? allowed.textOf({ query, documentId, extensions }) : (query as string),
  }
}

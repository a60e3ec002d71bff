import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ExecutionResult, getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { bucketOf, clientAddress } from './address.ts'
import { createContext, requestIdOf, type Services } from './context.ts'
import { corsHeaders } from './cors.ts'
import type { Engine } from './engine.ts'
import { checkedParameters, MAX_BODY_BYTES, parsedJson } from './parameters.ts'
import { isJson, responseHeaders } from './requests.ts'

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

/**
 * The media type that Yoga would answer a query or a mutation with: the first of the two that is accepted, of
 * which wildcards mean the older; undefined where neither is.
 */
function answerType(accept = '*/*'): string | undefined {
  if (accept === '*/*' || accept === 'application/json') return 'application/json'
  for (const part of accept.replace(/\s/g, '').toLowerCase().split(',')) {
    const [type, ...parameters] = part.split(';')
    if (parameters.some((each) => each.includes('charset=') && each !== 'charset=utf-8')) continue
    if (type === 'application/graphql-response+json') return type
    if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'application/json'
  }
  return undefined
}

/**
 * The short way for what nearly all requests are: a query or a mutation, posted as JSON, that is all right.
 * Yoga makes a `Request` and a `Response` of the Fetch API for each and passes them through its hooks, which
 * costs several times what most operations do; here node's own are read and written, and the same engine and
 * context serve them. Nothing is decided here: whatever is not plain, at whatever step that shows, goes to
 * Yoga, with the body that has been read and the result that has been made, and Yoga answers as it always
 * does. So there is one place for refusals, and this one knows only how to succeed.
 */
export class ShortWay {
  readonly #engine: Engine
  readonly #services: Services
  readonly #corsOrigins: readonly string[]
  readonly #headers: Record<string, string>
  readonly #results = new WeakMap<IncomingMessage, ExecutionResult>()

  constructor(engine: Engine, services: Services, corsOrigins: readonly string[]) {
    this.#engine = engine
    this.#services = services
    this.#corsOrigins = corsOrigins
    this.#headers = responseHeaders(services.publicUrl)
  }

  /** Node's request listener, with the long way for what this one does not take. */
  listener =
    (yoga: Listener): Listener =>
    (request, response) => {
      const type = isPlain(request) && answerType(request.headers.accept)
      if (!type) return yoga(request, response)
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', async () => {
        const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
        const requestId = requestIdOf((name) => headerOf(request, name))
        this.#services.store.readTogether()
        const result = await this.#resultOf(request, body, requestId).catch(() => undefined)
        if (result && !result.errors) return this.#send(request, response, type, requestId, result)
        if (result) this.#results.set(request, result)
        // The long way takes a body that was read from here, as Express has it, and the id as its client's.
        Object.assign(request, { body })
        request.headers['x-client-request-id'] = requestId
        yoga(request, response)
      })
    }

  /** Has Yoga answer with the result where there is one: it is not executed again. */
  plugin = (): Plugin => ({
    onParams: ({ context, setResult }) => {
      const { req } = context as { req?: IncomingMessage }
      const result = req && this.#results.get(req)
      if (result) setResult(result)
    },
  })

  /** The result of the operation in the body; undefined, or an error, where there is no such thing to run. */
  async #resultOf(
    request: IncomingMessage,
    body: Buffer,
    requestId: string,
  ): Promise<ExecutionResult | undefined> {
    const { allowedDocuments, trustedProxies } = this.#services
    const { query, operationName, variables } = checkedParameters(parsedJson(body), allowedDocuments)
    const document = this.#engine.parse(query)
    if (this.#engine.validate(document).length > 0) return undefined
    const operation = getOperationAST(document, operationName)
    if (!operation || operation.operation === 'subscription') return undefined
    const header = (name: string) => headerOf(request, name)
    const address = bucketOf(
      clientAddress(request.socket.remoteAddress, header('x-forwarded-for'), trustedProxies),
    )
    return this.#engine.execute({
      schema: this.#engine.schema,
      document,
      operationName,
      variableValues: variables,
      contextValue: await createContext(this.#services, { header, address, requestId }),
    })
  }

  #send(
    request: IncomingMessage,
    response: ServerResponse,
    type: string,
    requestId: string,
    result: ExecutionResult,
  ) {
    const text = JSON.stringify(result)
    const length = Buffer.byteLength(text)
    response.writeHead(200, {
      ...this.#headers,
      ...corsHeaders(this.#corsOrigins, request.headers.origin),
      'content-type': `${type}; charset=utf-8`,
      'content-length': length,
      'x-client-request-id': requestId,
    })
    // Latin-1 is written without looking at each character, and where it takes as many bytes it says the same.
    response.end(text, length === text.length ? 'latin1' : 'utf8')
  }
}

const isPlain = ({ method, url, headers }: IncomingMessage) =>
  method === 'POST' &&
  url === '/graphql' &&
  isJson(headers['content-type']) &&
  Number(headers['content-length']) <= MAX_BODY_BYTES &&
  headers['x-stamp'] === undefined

const headerOf = ({ headers }: IncomingMessage, name: string) => headers[name]?.toString()

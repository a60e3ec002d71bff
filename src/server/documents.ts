import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  type ValidationContext,
  ValuesOfCorrectTypeRule,
  validate,
} from 'graphql'
import { withCode, withoutValues } from './errors.ts'
import { depthLimit, MAX_TOKENS } from './limits.ts'

const KEPT_DOCUMENTS = 1000
const RULES = [...specifiedRules.filter((rule) => rule !== ValuesOfCorrectTypeRule), literals, depthLimit]

/** Documents parsed and validated, each once for as long as it is kept. */
export class Documents {
  readonly #schema: GraphQLSchema
  readonly #options: { maxErrors: number; hideSuggestions: boolean }
  readonly #parsed = new Map<string, DocumentNode>()
  readonly #faults = new WeakMap<DocumentNode, readonly GraphQLError[]>()

  constructor(schema: GraphQLSchema, openSchema: boolean) {
    this.#schema = schema
    this.#options = { maxErrors: 20, hideSuggestions: !openSchema }
  }

  parse(source: string): DocumentNode {
    const known = this.#parsed.get(source)
    if (known) return known
    const document = parseSafely(source)
    if (this.#parsed.size === KEPT_DOCUMENTS) this.#parsed.clear()
    this.#parsed.set(source, document)
    return document
  }

  faultsOf(document: DocumentNode): readonly GraphQLError[] {
    const known = this.#faults.get(document)
    if (known) return known
    const faults = this.#validate(document).map((fault) =>
      withCode(withoutValues(fault), 'GRAPHQL_VALIDATION_FAILED'),
    )
    this.#faults.set(document, faults)
    return faults
  }

  #validate(document: DocumentNode): readonly GraphQLError[] {
    try {
      return validate(this.#schema, document, RULES, this.#options)
    } catch (error) {
      // Where values nest, the stack ends before the limits do.
      if (error instanceof RangeError) return [tooDeep()]
      throw error
    }
  }
}

function parseSafely(source: string): DocumentNode {
  try {
    return parse(source, { maxTokens: MAX_TOKENS })
  } catch (error) {
    throw error instanceof GraphQLError ? withCode(withoutValues(error), 'GRAPHQL_PARSE_FAILED') : tooDeep()
  }
}

const tooDeep = () =>
  new GraphQLError('The document nests too deeply.', { extensions: { code: 'GRAPHQL_PARSE_FAILED' } })

/** A literal of the wrong kind is bad input, as a variable of the wrong kind is. */
function literals(context: ValidationContext) {
  const reportError = (error: GraphQLError) => context.reportError(withCode(error, 'BAD_USER_INPUT'))
  return ValuesOfCorrectTypeRule(Object.create(context, { reportError: { value: reportError } }))
}

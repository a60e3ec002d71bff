import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  type ValidationContext,
  ValuesOfCorrectTypeRule,
  validate,
  visit,
} from 'graphql'
import { withCode, withoutValues } from './errors.ts'
import { limitRules, MAX_TOKENS } from './limits.ts'

/** How many documents are kept, and characters of all of them: parsed, each takes some hundred bytes. */
const KEPT_DOCUMENTS = 1000
const KEPT_CHARACTERS = 500_000
const RULES = [...specifiedRules.filter((rule) => rule !== ValuesOfCorrectTypeRule), literals]

/** Documents parsed and validated, each once for as long as it is kept. */
export class Documents {
  readonly #schema: GraphQLSchema
  readonly #options: { maxErrors: number; hideSuggestions: boolean }
  readonly #valid = new Map<string, DocumentNode>()
  readonly #sources = new WeakMap<DocumentNode, string>()
  #keptCharacters = 0
  readonly #asksForSchema = new WeakMap<DocumentNode, boolean>()

  constructor(schema: GraphQLSchema, openSchema: boolean) {
    this.#schema = schema
    this.#options = { maxErrors: 20, hideSuggestions: !openSchema }
  }

  parse(source: string): DocumentNode {
    const known = this.#valid.get(source)
    if (known) return known
    const document = parseSafely(source)
    this.#sources.set(document, source)
    return document
  }

  faultsOf(document: DocumentNode): readonly GraphQLError[] {
    const source = this.#sources.get(document)
    if (source !== undefined && this.#valid.get(source) === document) return []
    const faults = this.#validate(document).map((fault) =>
      withCode(withoutValues(fault), 'GRAPHQL_VALIDATION_FAILED'),
    )
    // Only what is valid is kept: there is no end of what is not, and errors hold much more than documents.
    if (source !== undefined && faults.length === 0) this.#keep(source, document)
    return faults
  }

  #keep(source: string, document: DocumentNode) {
    this.#keptCharacters += source.length
    if (this.#valid.size === KEPT_DOCUMENTS || this.#keptCharacters > KEPT_CHARACTERS) {
      this.#valid.clear()
      this.#keptCharacters = source.length
    }
    this.#valid.set(source, document)
  }

  /** Whether it asks what the schema is. */
  asksForSchema(document: DocumentNode): boolean {
    const known = this.#asksForSchema.get(document)
    if (known !== undefined) return known
    let asks = false
    visit(document, {
      Field: ({ name }) => {
        if (name.value === '__schema' || name.value === '__type') asks = true
      },
    })
    this.#asksForSchema.set(document, asks)
    return asks
  }

  #validate(document: DocumentNode): readonly GraphQLError[] {
    try {
      // What is too large would cost the other rules seconds: it never reaches them.
      const tooLarge = validate(this.#schema, document, limitRules, this.#options)
      return tooLarge.length > 0 ? tooLarge : validate(this.#schema, document, RULES, this.#options)
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

import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { GraphQLError } from 'graphql'
import { z } from 'zod'

const documentsFile = z.record(z.string(), z.string())

/** What a request says of the document that it wants to run. */
interface Asked {
  query?: unknown
  documentId?: unknown
  extensions?: unknown
}

/**
 * The documents that may run, where only those of the owner's own clients may: from a JSON file of ids and
 * texts, as the client preset of GraphQL Code Generator and the Relay compiler write it.
 */
export class AllowedDocuments {
  readonly #byId = new Map<string, string>()

  constructor(documents: Readonly<Record<string, string>>) {
    for (const [id, text] of Object.entries(documents)) {
      this.#byId.set(id.replace(/^sha256:/, ''), text)
      this.#byId.set(hash('sha256', text), text)
    }
  }

  /** Reads the file; throws where it is not a JSON object of texts. */
  static read(file: string): AllowedDocuments {
    return new AllowedDocuments(documentsFile.parse(JSON.parse(readFileSync(file, 'utf8'))))
  }

  /** The text to run: named by `documentId` or Apollo's `persistedQuery`, or sent whole; refuses all others. */
  textOf({ query, documentId, extensions }: Asked): string {
    const persisted = (extensions as { persistedQuery?: { sha256Hash?: unknown } } | null | undefined)
      ?.persistedQuery
    const id =
      documentId ?? persisted?.sha256Hash ?? (typeof query === 'string' ? hash('sha256', query) : undefined)
    const text = typeof id === 'string' ? this.#byId.get(id.replace(/^sha256:/, '')) : undefined
    if (text !== undefined) return text
    throw new GraphQLError('Only registered documents may run here, and this is not one of them.', {
      extensions: { code: 'DOCUMENT_NOT_ALLOWED' },
    })
  }
}

import { expect, test } from 'vitest'
import { schema } from '#schema/schema.ts'
import { Documents } from '#server/documents.ts'

/** The document of this text, once it has been asked whether it is valid. */
function validated(documents: Documents, text: string) {
  const document = documents.parse(text)
  documents.faultsOf(document)
  return document
}

test('a valid document is parsed once', () => {
  const documents = new Documents(schema, true)
  const document = validated(documents, '{ __typename }')
  expect(documents.parse('{ __typename }')).toBe(document)
})

test('what is not valid is not kept: strangers could fill the memory with it', () => {
  const documents = new Documents(schema, true)
  const document = validated(documents, '{ nothing }')
  expect(documents.parse('{ nothing }')).not.toBe(document)
})

test.for([
  ['many', 1001, ''],
  ['long', 101, `__typename #${'x'.repeat(5000)}\n`],
] as const)('what is valid is not kept for ever either: %s documents', ([, count, filling]) => {
  const documents = new Documents(schema, true)
  const first = validated(documents, `{ a: __typename ${filling}}`)
  for (let n = 0; n < count; n++) validated(documents, `{ a${n}: __typename ${filling}}`)
  expect(documents.parse(`{ a: __typename ${filling}}`)).not.toBe(first)
})

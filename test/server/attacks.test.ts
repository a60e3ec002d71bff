import { parse, specifiedRules, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { schema } from '#schema/schema.ts'
import { limitRules, MAX_TOKENS } from '#server/limits.ts'
import { aliasBomb, nested, times } from '../kit/documents.ts'

// That an attack costs its sender more than the server is what these rules are for: without them, some of
// these take many seconds. They need some 50 ms here; a busy machine may take its time.
describe('attacks are answered at once', () => {
  const attacks: Record<string, string> = {
    'a kilobyte of aliased fragments': aliasBomb(18),
    'the same, unaliased': aliasBomb(18).replaceAll(/[ab]: /g, ''),
    'the same, unused': aliasBomb(18).replace('...F0', 'id'),
    'fragments that spread each other': `{ organization { ...F0 } } ${times(18, (i) => `fragment F${i} on Organization { a: parent { ...F${(i + 1) % 18} } b: parent { ...F${i} } }`)}`,
    'a fan of 60 spreads': `{ organization { ${times(60, () => '...F0')} } } ${times(20, (i) => `fragment F${i} on Organization { parent { ${times(60, () => `...F${i + 1}`)} } }`)} fragment F20 on Organization { id }`,
    '60 fragments side by side': `{ organization { ${times(60, (i) => `...F${i}`)} } } ${times(60, (i) => `fragment F${i} on Organization { parent { parent { parent { id name } } } }`)}`,
    'a chain of fragments': `{ ...F0 } ${times(480, (i) => `fragment F${i} on Query { ...F${i + 1} }`)} fragment F480 on Query { __typename }`,
    '10,000 aliases': `{ ${times(10_000, (i) => `a${i}: __typename`)} }`,
    '5,000 levels': `{ organization { ${nested(5000, 'parent', 'id')} } }`,
    '1,300 levels': `{ organization { ${nested(1300, 'parent', 'id')} } }`,
    '1,300 inline fragments': `{ ${nested(1300, '...', '__typename')} }`,
    '100,000 brackets': `{ invite(id: ${'['.repeat(100_000)}) { id } }`,
    '1,900 lists in lists': `{ invite(id: ${'['.repeat(1900)}${']'.repeat(1900)}) { id } }`,
    '1,900 lists in a type': `query ($id: ${'['.repeat(1900)}ID${']'.repeat(1900)}) { invite(id: $id) { id } }`,
    '900 objects in objects': `{ invite(id: ${'{ a: '.repeat(900)}1${' }'.repeat(900)}) { id } }`,
    '200 directives': `{ organization ${times(200, () => '@skip(if: false)')} { id } }`,
    'a schema in circles': `{ __schema { types { ${nested(9, 'fields { type', 'name')} ${'}'.repeat(9)} } } }`,
    '249 times the same field': `{ organization { ${times(249, () => 'parent { id }')} } }`,
    '900 variables': `query (${times(900, (i) => `$v${i}: ID`)}) { organization { id } }`,
    '600 operations': `${times(600, (i) => `query Q${i} { ...F }`)} fragment F on Query { organization { id } }`,
    '250 operations of 490 fields': `${times(250, (i) => `query Q${i} { ...F }`)} fragment F on Query { organization { ${times(490, () => 'id')} } }`,
    '480 unused fragments': `{ __typename } ${times(480, (i) => `fragment F${i} on Query { __typename }`)}`,
  }
  test.each(Object.entries(attacks))('%s', (_, document) => {
    const start = performance.now()
    answer(document)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

/** What becomes of a document before it is executed. */
function answer(document: string) {
  try {
    const parsed = parse(document, { maxTokens: MAX_TOKENS })
    if (validate(schema, parsed, limitRules).length === 0) validate(schema, parsed, specifiedRules)
  } catch {
    // Too many tokens, or too deep for the parser's stack: the engine says so.
  }
}

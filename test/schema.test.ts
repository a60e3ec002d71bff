import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { printedSchema } from '#schema/schema.ts'

test('schema.graphql is what the code has: run `npm run schema` when it is not', () => {
  expect(readFileSync('schema.graphql', 'utf8')).toBe(printedSchema())
})

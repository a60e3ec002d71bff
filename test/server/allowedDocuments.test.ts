import { hash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { AllowedDocuments } from '#server/allowedDocuments.ts'
import { organization, type TestApp, testApp } from '../kit/app.ts'

const NAME = 'query Name { organization { name } }'
const OTHER = '{ organization { id } }'
const sha256 = hash('sha256', NAME)

const post = async (app: TestApp, key: string, body: object) => {
  const response = await app.post(JSON.stringify(body), { authorization: `Bearer ${key}` })
  return (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] }
}

async function setUp(documents: Record<string, string>) {
  const app = await testApp({ allowedDocuments: new AllowedDocuments(documents) })
  const { key } = await organization(app)
  return (body: object) => post(app, key, body)
}

test('registered documents run, by their id, by their hash and by their text', async () => {
  const ask = await setUp({ [sha256]: NAME, 'operation-7': OTHER })
  const answer = { data: { organization: { name: 'Acme' } } }
  expect(await ask({ documentId: sha256 })).toEqual(answer)
  expect(await ask({ documentId: `sha256:${sha256}` })).toEqual(answer)
  expect(await ask({ extensions: { persistedQuery: { version: 1, sha256Hash: sha256 } } })).toEqual(answer)
  expect(await ask({ query: NAME })).toEqual(answer)
  expect(await ask({ documentId: 'operation-7' })).toHaveProperty('data.organization.id')
})

test('nothing else runs', async () => {
  const ask = await setUp({ [sha256]: NAME })
  for (const body of [
    { query: OTHER },
    { query: `${NAME} ` },
    { documentId: hash('sha256', OTHER) },
    { documentId: 'constructor' },
    { extensions: { persistedQuery: { sha256Hash: hash('sha256', OTHER) } }, query: OTHER },
    {},
  ]) {
    expect(
      (await ask(body)).errors?.map((error) => error.extensions.code),
      JSON.stringify(body),
    ).toEqual(['DOCUMENT_NOT_ALLOWED'])
  }
})

test('an id names nothing where all documents may run', async () => {
  const app = await testApp()
  const { key } = await organization(app)
  expect((await post(app, key, { documentId: sha256 })).errors?.[0]?.extensions.code).toBe('BAD_REQUEST')
})

test('the file is a JSON object of texts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'documents.json')
  await writeFile(file, JSON.stringify({ [sha256]: NAME }))
  expect(AllowedDocuments.read(file).textOf({ documentId: sha256 })).toBe(NAME)
  await writeFile(file, '[1]')
  expect(() => AllowedDocuments.read(file)).toThrow()
})

import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { dumpOfThings } from '../kit/dump.ts'
import { house } from '../kit/story.ts'

test('a secret that is shown once is not lost to a refusal of what else was asked for', async () => {
  const app = await testApp()
  const acme = await house(app)
  const create = (selection: string) =>
    app.call(
      `mutation { createOrganization(input: { name: "Annex" }) {
        __typename ... on CreateOrganizationPayload { apiKey organization { id ${selection} } } } }`,
      {},
      { key: acme.key },
    )
  const before = await dumpOfThings(app)
  for (const selection of ['eventCursor', 'integrations { totalCount }']) {
    const { data, errors } = await create(selection)
    expect(data, selection).toBeNull()
    expect(errors.length, selection).toBeGreaterThan(0)
  }
  expect(await dumpOfThings(app)).toEqual(before)
  const { data } = await create('name')
  expect(data.createOrganization.apiKey).toMatch(/^lk_key_/)
})

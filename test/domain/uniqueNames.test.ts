import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { house } from '../kit/story.ts'

const CREATE = {
  createIntegration: `mutation ($name: String!) { result: createIntegration(input: { name: $name }) { ...Outcome } }`,
  createPortal: `mutation ($name: String!, $of: ID!) { result: createPortal(input: { name: $name, integrationId: $of }) { ...Outcome } }`,
  createOrganization: `mutation ($name: String!) { result: createOrganization(input: { name: $name }) { ...Outcome } }`,
}
const OUTCOME = `fragment Outcome on CREATED { __typename ... on UserError { code } }`

test.each(Object.entries(CREATE))('twenty at once of one name: %s makes one', async (field, mutation) => {
  const app = await testApp()
  const acme = await house(app)
  const union = `${field[0]?.toUpperCase()}${field.slice(1)}Result`
  const document = `${mutation} ${OUTCOME.replace('CREATED', union)}`
  const spellings = ['Älter', 'ÄLTER', ' älter ', 'a\u0308lter']
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      acme.ask(document, {
        name: spellings[index % spellings.length],
        ...(field === 'createPortal' && { of: acme.integrationId }),
      }),
    ),
  )
  const outcomes = results.map(({ result }) => result.__typename)
  expect(outcomes.filter((name) => name === 'ConflictError')).toHaveLength(19)
  expect(outcomes.filter((name) => name.endsWith('Payload'))).toHaveLength(1)
})

test('the same name may stand in another organization, and in another integration', async () => {
  const app = await testApp()
  const acme = await house(app)
  const other = await house(app, 'Other')
  expect(other.integrationId).not.toBe(acme.integrationId)
  const { result } = await acme.ask(
    `mutation { result: createIntegration(input: { name: "Annex" }) { ... on CreateIntegrationPayload { integration { id } } } }`,
  )
  const portal = await acme.ask(
    `${CREATE.createPortal} ${OUTCOME.replace('CREATED', 'CreatePortalResult')}`,
    { name: 'Lobby', of: result.integration.id },
  )
  expect(portal.result.__typename).toBe('CreatePortalPayload')
})

test('names are kept as given but for the blanks around them, and refused where they cannot be shown', async () => {
  const app = await testApp()
  const acme = await house(app)
  const create = async (name: string) =>
    (
      await acme.ask(
        `mutation ($name: String!) { createIntegration(input: { name: $name }) {
          ... on CreateIntegrationPayload { integration { name } } ... on InvalidInputError { issues { path } } } }`,
        { name },
      )
    ).createIntegration
  expect(await create('  Ünïcode  Tower ')).toEqual({ integration: { name: 'Ünïcode  Tower' } })
  expect(await create('x'.repeat(200))).toHaveProperty('integration')
  for (const name of ['', '  ', 'x'.repeat(201), 'a\nb', 'a\tb', 'a\u2028b', 'a\0b', 'a\u007fb', 'a\ud800'])
    expect(await create(name), JSON.stringify(name)).toEqual({ issues: [{ path: ['name'] }] })
})

import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { type House, house } from '../kit/story.ts'

const CREATE_PORTAL = `mutation ($input: CreatePortalInput!) {
  createPortal(input: $input) {
    __typename
    ... on CreatePortalPayload { portal { id name } }
    ... on UserError { code message }
  }
}`

const FIND = `query ($id: ID!, $name: String!, $match: NameMatch) {
  node(id: $id) { ... on Integration { portalByName(name: $name, match: $match) {
    __typename
    ... on Portal { id name }
    ... on UserError { code }
    ... on AmbiguousNameError { candidates { id } }
  } } }
}`

const addPortal = async (acme: House, name: string) =>
  (await acme.ask(CREATE_PORTAL, { input: { integrationId: acme.integrationId, name } })).createPortal

const find = async (acme: House, name: string, match?: 'EXACT' | 'FUZZY') => {
  const { node } = await acme.ask(FIND, { id: acme.integrationId, name, match })
  return node.portalByName
}

/** Each with what answers to it exactly, and with a part of it that is found in it. */
const names: [string, string[], string[]][] = [
  [
    'Äußere Öffnung',
    ['ÄUßERE ÖFFNUNG', '  äußere öffnung\n', 'ÄUẞERE öffnung', 'a\u0308ußere o\u0308ffnung'],
    ['ÖFF', 'SERE'.replace('S', 'ß'), 'O\u0308FFN'],
  ],
  ['İstanbul', ['i\u0307stanbul', 'I\u0307STANBUL'], ['STAN', 'İS']],
  ['ΟΔΟΣ ΣΟΦΟΣΑ', ['οδος σοφοσα', 'οδοσ σοφοσα', 'Οδος Σοφοσα'], ['ΣΟΦΟΣ', 'ΟΔΟΣ', 'σοφος']],
  ['Cafe\u0301 du Monde', ['CAFÉ DU MONDE', 'café du monde'], ['FÉ', 'e\u0301 DU']],
  ['100% sure_thing\\door', ['100% SURE_THING\\DOOR'], ['%', '_', '\\', '0% s', 'E_T', 'G\\D']],
  ['東京タワー', ['東京タワー'], ['京タ']],
  ['🚪 door', ['🚪 DOOR'], ['🚪']],
]

test.each(names)(
  '%j answers to its name whatever the case, the blanks and the form',
  async (name, same, parts) => {
    const app = await testApp()
    const acme = await house(app)
    const { portal } = await addPortal(acme, name)
    for (const exact of [name, ...same]) {
      expect(await find(acme, exact), exact).toMatchObject({ id: portal.id, name })
      expect(await addPortal(acme, exact), exact).toMatchObject({ code: 'CONFLICT' })
    }
    for (const part of parts) {
      expect(await find(acme, ` ${part} `, 'FUZZY'), part).toMatchObject({ id: portal.id })
      expect(await find(acme, part, 'EXACT'), part).toMatchObject({ code: 'NOT_FOUND' })
    }
  },
)

test('a blank name answers to nothing, and wildcards are no wildcards', async () => {
  const app = await testApp()
  const acme = await house(app)
  const nothing = [
    '',
    ' ',
    '\t\n',
    '\u00a0',
    '%',
    '_',
    '_obby',
    'L%',
    'lob\\by',
    '*',
    'lobby\0',
    'y'.repeat(60_000),
  ]
  for (const name of nothing)
    for (const match of ['EXACT', 'FUZZY'] as const)
      expect(await find(acme, name, match), `${JSON.stringify(name.slice(0, 9))} ${match}`).toMatchObject({
        code: 'NOT_FOUND',
      })
})

test('more than one: the candidates, at most twenty; exact names are never ambiguous', async () => {
  const app = await testApp()
  const acme = await house(app)
  const gate = await addPortal(acme, 'Gate')
  const north = await addPortal(acme, 'North GATE')
  expect(await find(acme, 'gate')).toMatchObject({ id: gate.portal.id })
  expect(await find(acme, 'gate', 'FUZZY')).toEqual({
    __typename: 'AmbiguousNameError',
    code: 'AMBIGUOUS_NAME',
    candidates: [{ id: gate.portal.id }, { id: north.portal.id }],
  })
  for (let number = 3; number < 25; number++) await addPortal(acme, `Gate ${number}`)
  expect((await find(acme, 'GATE', 'FUZZY')).candidates).toHaveLength(20)
})

test('integrations are looked up alike, in the viewer’s own organization only', async () => {
  const app = await testApp()
  const acme = await house(app)
  await house(app, 'Other')
  const { organization } = await acme.ask(`{ organization {
    exact: integrationByName(name: " HEADquarters ") { ... on Integration { id } }
    fuzzy: integrationByName(name: "QUART", match: FUZZY) { ... on Integration { id } }
    none: integrationByName(name: "quart") { ... on NotFoundError { code } }
    blank: integrationByName(name: " ", match: FUZZY) { ... on NotFoundError { code } }
  } }`)
  expect(organization).toEqual({
    exact: { id: acme.integrationId },
    fuzzy: { id: acme.integrationId },
    none: { code: 'NOT_FOUND' },
    blank: { code: 'NOT_FOUND' },
  })
})

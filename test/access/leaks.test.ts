import { type GraphQLObjectType, getNamedType, isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { type IdType, newId, typeOfId } from '#domain/ids.ts'
import { schema } from '#schema/schema.ts'
import { type TestApp, testApp } from '../kit/app.ts'
import { dumpOfThings } from '../kit/dump.ts'
import { asked, type Estate, estate } from '../kit/estate.ts'
import { documentOf, goodInputs, inputOf } from '../kit/mutations.ts'
import { type Listener, listener } from './listener.ts'
import { type Marked, markedEstate } from './marked.ts'
import { nodeTypes } from './policy.ts'
import { questionsOf, waysFrom } from './walk.ts'

const organizationType = schema.getType('Organization') as GraphQLObjectType
const queryType = schema.getQueryType() as GraphQLObjectType
const subscriptionType = schema.getSubscriptionType() as GraphQLObjectType

/** Two full organizations, and somebody of the one who has every id and name of the other in hand. */
async function neighbours(app: TestApp) {
  const acme = await markedEstate(app, 'Acme')
  const other = await estate(app, 'Other')
  return { acme, other, values: [...new Set([...acme.shown, ...acme.hidden, 'Headquarters', 'a'])] }
}

/** Every way from every thing, by its id. */
async function walkFrom(ids: Record<string, string>, { ask }: Listener) {
  for (const type of nodeTypes) {
    for (const way of waysFrom(type, 2)) {
      await ask(`query ($id: ID!) { node(id: $id) { ... on ${type} { ${way} } } }`, { id: ids[type.name] })
    }
  }
}

/** Every argument that takes a text or an id, with every value. */
async function askEverything(values: string[], ids: Record<string, string>, { ask }: Listener) {
  for (const type of nodeTypes) {
    for (const { valueType, selection } of questionsOf(type)) {
      for (const value of values) {
        const document = `query ($id: ID!, $value: ${valueType}) { node(id: $id) { ... on ${type} { ${selection} } } }`
        await ask(document, { id: ids[type.name], value })
      }
    }
  }
  for (const { valueType, selection } of questionsOf(queryType)) {
    for (const value of values) await ask(`query ($value: ${valueType}) { ${selection} }`, { value })
  }
}

test('an admin of another organization learns nothing, wherever they put what they know', async () => {
  const app = await testApp({ limits: { unknownTokensPerMinute: 1_000_000 } })
  const { acme, other, values } = await neighbours(app)
  const stranger = listener(app, { key: other.key }, [...acme.shown, ...acme.hidden])

  for (const way of waysFrom(organizationType, 3)) await stranger.ask(`{ organization { ${way} } }`)
  for (const way of waysFrom(schema.getType('Viewer') as GraphQLObjectType, 2)) {
    await stranger.ask(`{ viewer { ${way} } }`)
  }
  await walkFrom(other.ids, stranger)
  await walkFrom(acme.ids, stranger)
  await askEverything(values, other.ids, stranger)
  await followEverything(values, other.id, stranger)
  const { asks, told } = stranger.counts()
  expect(asks).toBeGreaterThan(1000)
  expect(told).toBeGreaterThan(200)
  expect(app.logged).toEqual([])
})

async function followEverything(values: string[], ownId: string, { follow }: Listener) {
  for (const { name, valueType, selection } of questionsOf(subscriptionType)) {
    // What a filter lets through never comes: only what refuses can be waited for.
    if (/\((invitationIds)\)/.test(name)) continue
    for (const value of values.filter((each) => each !== ownId)) {
      await follow(`subscription ($value: ${valueType}) { ${selection} }`, { value })
    }
  }
}

test('an admin of a connected organization learns what connections show, and no more', async () => {
  const app = await testApp({ limits: { unknownTokensPerMinute: 1_000_000 } })
  const { acme, other, values } = await neighbours(app)
  await asked(app, other.id, acme.id, { at: app.time.now() })
  const headers = { 'target-organization-id': acme.id }
  const connected = listener(app, { key: other.key, headers }, acme.hidden)

  for (const way of waysFrom(organizationType, 3)) await connected.ask(`{ organization { ${way} } }`)
  await walkFrom(acme.ids, connected)
  await walkFrom(other.ids, connected)
  await askEverything(values, acme.ids, connected)
  expect(connected.counts().told).toBeGreaterThan(100)
  expect(app.logged).toEqual([])
})

/** Every mutation as it is good for one's own, but one id another's: it is as if that were nobody's. */
async function tryEverything(acme: Marked, mine: Estate, { attempt }: Listener) {
  for (const [mutation, good] of Object.entries(goodInputs(mine))) {
    const fields = Object.values(inputOf(mutation).getFields()).filter(
      ({ type }) => getNamedType(type).name === 'ID',
    )
    for (const { name } of fields) {
      const withId = (id: string) => ({ ...good, [name]: Array.isArray(good[name]) ? [id] : id })
      for (const id of [...Object.values(acme.ids), ...acme.portalIds, acme.partner.id]) {
        const told = await attempt(deepDocumentOf(mutation), { input: withId(id) })
        // Whom to be connected with is anybody.
        if (mutation === 'requestOrganizationConnection') continue
        const nobodys = newId(typeOfId(id) as IdType)
        expect(told, `${mutation}.${name}`).toEqual(
          await attempt(deepDocumentOf(mutation), { input: withId(nobodys) }),
        )
      }
    }
  }
}

/** The mutation, with everything that hangs on what it did. */
function deepDocumentOf(mutation: string): string {
  const payload = schema.getType(`${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Payload`)
  if (!isObjectType(payload)) return documentOf(mutation)
  const told = waysFrom(payload, 1)
  return documentOf(mutation).replace('__typename', `__typename ... on ${payload} { ${told.join(' ')} }`)
}

test('mutations neither change anything of another organization nor tell anything of it', async () => {
  const app = await testApp()
  const { acme, other } = await neighbours(app)
  const stranger = listener(app, { key: other.key }, [...acme.shown, ...acme.hidden])
  const things = async () => {
    const { organization_connections: _, ...rest } = await dumpOfThings(app)
    return JSON.stringify(
      Object.values(rest).map((rows) => rows.filter((row) => JSON.stringify(row).includes(acme.id))),
    )
  }
  const before = await things()
  await tryEverything(acme, other, stranger)
  expect(await things()).toBe(before)
  expect(stranger.counts().asks).toBeGreaterThan(100)
  expect(app.logged).toEqual([])
})

import { buildClientSchema, getIntrospectionQuery, parse, validate } from 'graphql'
import { expect, onTestFinished, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { cutNetwork, openBrowser } from '../kit/browser.ts'
import { startServer } from '../kit/server.ts'

// The first run on a machine unpacks the browser.
const timeout = 60_000

test('GraphiQL answers a query with the network cut', { timeout }, async () => {
  const { server, page, run, answer, foreign, complaints } = await openGraphiql()
  const { data } = await server.query('{ organization { id } }')

  await run('Overview')

  await answer(`"id": "${data.organization.id}"`).waitFor()
  expect(await page.title()).toBe('Latchkey')
  expect(foreign).toEqual([])
  expect(complaints).toEqual([])
})

test('GraphiQL shows an event as it happens, authenticated by the headers editor', { timeout }, async () => {
  const { server, run, answer, foreign, complaints } = await openGraphiql()
  const createInvite = await prepareInvites(server)

  await run('LiveEvents')

  // Nothing tells when the server has begun to listen, so events are made until one is seen.
  await expect
    .poll(() => createInvite().then(() => answer('"type": "CREATED"').count()), {
      timeout: 15_000,
      interval: 250,
    })
    .toBe(1)
  expect(foreign).toEqual([])
  expect(complaints).toEqual([])
})

test('GraphiQL restores its tabs after a reload, and never stores the key', { timeout }, async () => {
  const { server, page, run, answer } = await openGraphiql()
  const { data } = await server.query('{ organization { id } }')
  await run('LiveEvents')
  await expect.poll(() => stored('LiveEvents')).toBe(true)

  await page.reload()
  await run('Overview')

  await answer(`"id": "${data.organization.id}"`).waitFor()
  expect(await page.getByRole('tab').allInnerTexts()).toEqual([
    'Overview',
    'CreateInvite',
    'LiveEvents',
    'Preview',
  ])
  expect(await stored(server.key)).toBe(false)

  function stored(text: string): Promise<boolean> {
    return page.evaluate((text) => JSON.stringify({ ...localStorage }).includes(text), text)
  }
})

test('the page allows no script but its own files, which browsers keep', async () => {
  const server = await startServer()
  onTestFinished(() => server.stop())

  const { response, body } = await openPage(server.url)
  const [asset] = body.match(/\/graphiql\/start\.\w+\.js/) ?? []
  const file = await fetch(`${server.url}${asset}`, { headers: { 'accept-encoding': 'br;q=0, gzip' } })

  expect(response.headers.get('content-security-policy')).toContain("script-src 'self';")
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(file.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect(file.headers.get('content-encoding')).toBe('gzip')
  expect(await file.text()).toContain('YogaGraphiQL')
  expect((await fetch(`${server.url}/graphiql/start.0.js`)).status).toBe(404)
})

test('every example is valid', async () => {
  const server = await startServer()
  onTestFinished(() => server.stop())
  const schema = buildClientSchema((await server.query(getIntrospectionQuery())).data)

  const { body } = await openPage(server.url)
  const [, settings = ''] = body.match(/id="settings">(.*)<\/script>/) ?? []
  const tabs: { query: string }[] = JSON.parse(settings).graphiql.defaultTabs

  expect(tabs.flatMap(({ query }) => validate(schema, parse(query)))).toEqual([])
})

async function openGraphiql() {
  const server = await startServer()
  onTestFinished(() => server.stop())
  const { browser, close } = await openBrowser()
  onTestFinished(close)
  const context = await browser.newContext({ viewport: { width: 1400, height: 1000 } })
  const foreign = await cutNetwork(context, server.url)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  await page.goto(`${server.url}/graphql`)
  return {
    server,
    page,
    foreign,
    complaints,
    async run(tab: string) {
      await page.locator('.graphiql-query-editor .view-line').first().waitFor()
      await page.getByRole('tab').getByRole('button', { name: tab }).click()
      // It learns the operation's name a moment after it shows the tab, and stores the query in the same breath.
      await page.waitForFunction((tab) => localStorage.getItem('latchkey:graphiql:query')?.includes(tab), tab)
      await page.getByRole('button', { name: 'Execute query' }).click()
    },
    answer: (line: string) => page.locator('.graphiql-response .view-line', { hasText: line }).first(),
  }
}

async function openPage(url: string) {
  const response = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } })
  return { response, body: await response.text() }
}

async function prepareInvites(server: Awaited<ReturnType<typeof startServer>>) {
  const { data: first } = await server.query(
    `mutation { createIntegration(input: { name: "Doors of the GraphiQL test" }) {
      ... on CreateIntegrationPayload { integration { id } }
    } }`,
  )
  const integrationId = first.createIntegration.integration.id
  const { data: second } = await server.query(
    `mutation ($input: CreatePortalInput!) { createPortal(input: $input) {
      ... on CreatePortalPayload { portal { id } }
    } }`,
    { input: { integrationId, name: 'Front door' } },
  )
  const input = { integrationId, portalIds: [second.createPortal.portal.id] }
  return () =>
    server.query(
      `mutation ($input: CreateInviteInput!) { createInvite(input: $input) {
        ... on CreateInvitePayload { invite { id } }
      } }`,
      { input },
    )
}

test('a browser that opens the server itself is sent there; a program is told where the API is', async () => {
  const app = await testApp({ graphiql: {} })
  const open = (accept: string) => app.fetch(new Request('http://latchkey.test/', { headers: { accept } }))
  const page = await open('text/html,*/*')
  expect([page.status, page.headers.get('location')]).toEqual([303, 'graphql'])
  expect((await open('*/*')).status).toBe(404)
})

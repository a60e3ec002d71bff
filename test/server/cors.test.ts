import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'

const LISTED = 'https://app.example.com'
const OTHERS = ['https://evil.example.com', 'http://app.example.com', `${LISTED}.evil.com`, 'null', '*']

type App = Awaited<ReturnType<typeof testApp>>

const post = (app: App, origin: string) => app.post('{"query":"{ __typename }"}', { origin })
const preflight = (app: App, origin: string) =>
  app.fetch(
    new Request('http://latchkey.test/graphql', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    }),
  )

const corsHeaders = (response: Response) =>
  Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('access-control-')))

test('by default no page of another origin reads an answer', async () => {
  const app = await testApp()
  for (const origin of [LISTED, ...OTHERS]) {
    expect(corsHeaders(await post(app, origin))).toEqual({})
    const response = await preflight(app, origin)
    expect([response.status, corsHeaders(response)]).toEqual([405, {}])
  }
})

test.for([[[LISTED]], [[LISTED, 'https://other.example.com']]])(
  'pages of the listed origins do, of no others: %j',
  async ([corsOrigins]) => {
    const app = await testApp({ corsOrigins: corsOrigins ?? [] })
    const answer = await post(app, LISTED)
    expect(await answer.json()).toEqual({ data: { __typename: 'Query' } })
    expect(answer.headers.get('vary')).toMatch(/origin/i)
    expect(corsHeaders(answer)).toEqual({
      'access-control-allow-origin': LISTED,
      'access-control-expose-headers': 'x-client-request-id',
    })
    const allowed = await preflight(app, LISTED)
    expect(allowed.status).toBe(204)
    expect(corsHeaders(allowed)).toMatchObject({
      'access-control-allow-origin': LISTED,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization,content-type',
    })
    for (const origin of OTHERS) {
      expect(corsHeaders(await post(app, origin))).toEqual({})
      expect(corsHeaders(await preflight(app, origin))).toEqual({})
      expect((await post(app, origin)).headers.get('vary')).toMatch(/origin/i)
    }
  },
)

test('a refusal can be read by the pages of a listed origin too', async () => {
  const app = await testApp({ corsOrigins: [LISTED] })
  const refused = await app.post('{', { origin: LISTED })
  expect(refused.status).toBe(400)
  expect(refused.headers.get('access-control-allow-origin')).toBe(LISTED)
})

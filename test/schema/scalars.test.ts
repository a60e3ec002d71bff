import { isScalarType } from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '#schema/schema.ts'
import { testApp } from '../kit/app.ts'
import { dump } from '../kit/dump.ts'
import { type House, house } from '../kit/story.ts'

type App = Awaited<ReturnType<typeof testApp>>

const CREATE = `mutation ($input: CreateInviteInput!) {
  createInvite(input: $input) { ... on CreateInvitePayload { invite { validTo inviteeMessages { locale } } } }
}`

const create = (app: App, of: House, input: object) =>
  app.call(
    CREATE,
    { input: { integrationId: of.integrationId, portalIds: of.portalIds, ...input } },
    { key: of.key },
  )

/** The same as literals of the document. */
const createLiterally = (app: App, of: House, field: string) =>
  app.call(
    `mutation { createInvite(input: { integrationId: "${of.integrationId}", portalIds: ${JSON.stringify(of.portalIds)}, ${field} }) { __typename } }`,
    {},
    { key: of.key },
  )

test('DateTime takes any offset, fractions and lower case, and answers in UTC', async () => {
  const app = await testApp()
  const acme = await house(app)
  const told: Record<string, string> = {
    '2031-02-28T12:00:00Z': '2031-02-28T12:00:00.000Z',
    '2031-02-28T12:00:00.5Z': '2031-02-28T12:00:00.500Z',
    '2031-02-28t12:00:00z': '2031-02-28T12:00:00.000Z',
    '2031-02-28T00:30:00+05:45': '2031-02-27T18:45:00.000Z',
    '2032-02-29T12:00:00-12:00': '2032-03-01T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z': '9999-12-31T23:59:59.999Z',
  }
  for (const [given, answered] of Object.entries(told)) {
    const { data } = await create(app, acme, { validTo: given })
    expect(data.createInvite.invite.validTo, given).toBe(answered)
  }
})

test.for([
  ['DateTime', 'validTo', 'RFC 3339', '2031-01-01T00:00:00', '2031-01-01', '2031-02-30T00:00:00Z'],
  [
    'DateTime',
    'validTo',
    'RFC 3339',
    '99999-01-01T00:00:00Z',
    '9999-12-31T23:59:59-23:00',
    '1969-12-31T23:59:59Z',
    '2031-01-01T25:00:00Z',
  ],
  ['DateTime', 'validTo', 'RFC 3339', '2031-01-01T00:00:00+25:00', ' 2031-01-01T00:00:00Z', '', 1, true, {}],
  ['DateTime', 'validTo', 'RFC 3339', '2031-13-01T00:00:00Z', '2031-02-29T00:00:00Z', '1924992000000'],
  ['Int', 'maxUses', 'Int cannot represent', 1.5, '1', 2 ** 31, true, {}, []],
  ['ID', 'integrationId', 'ID cannot represent', {}, 1.5, false, []],
] as const)('%s %s refuses what it is not, without repeating it', async ([, field, help, ...values]) => {
  const app = await testApp()
  const acme = await house(app)
  const before = await dump(app)
  for (const value of values) {
    const literal = JSON.stringify(value)
    for (const { data, errors } of [
      await create(app, acme, { [field]: value }),
      await createLiterally(app, acme, `${field}: ${literal}`),
    ]) {
      expect(data).toBeNull()
      const [error] = errors.filter(({ message }) => message.includes(help))
      expect(error, literal).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
      if (literal.length > 4) expect(JSON.stringify(errors)).not.toContain(literal)
    }
  }
  expect(await dump(app)).toEqual(before)
})

test('Locale is canonical, one tag once, and no longer than any language needs', async () => {
  const app = await testApp()
  const acme = await house(app)
  const message = (...locales: unknown[]) => ({
    inviteeMessage: locales.map((locale) => ({ locale, text: 'Hello' })),
  })
  const { data } = await create(app, acme, message('DE-ch', 'zh-hant-tw'))
  expect(data.createInvite.invite.inviteeMessages).toEqual([{ locale: 'de-CH' }, { locale: 'zh-Hant-TW' }])
  for (const locale of ['', 'german!', 'de_CH', 'x'.repeat(10_000), `en-x${'-abcdefgh'.repeat(20)}`, 5, {}]) {
    const { errors } = await create(app, acme, message(locale))
    expect(errors[0], JSON.stringify(locale)).toMatchObject({
      message: expect.stringContaining('BCP 47'),
      extensions: { code: 'BAD_USER_INPUT' },
    })
  }
})

test('EmailAddress is trimmed, its domain put in lower case; what is no address is refused', async () => {
  const app = await testApp()
  const acme = await house(app)
  const send = (email: unknown) =>
    app.call(
      `mutation ($input: CreateGuestInvitationInput!) { createGuestInvitation(input: $input) {
        __typename ... on CreateGuestInvitationPayload { guestInvitation { email } } } }`,
      { input: { email, expiresAt: '2031-01-01T00:00:00Z' } },
      { key: acme.key },
    )
  const { data } = await send('  Zoë.Ada@Example.COM ')
  expect(data.createGuestInvitation.guestInvitation.email).toBe('Zoë.Ada@example.com')
  expect((await send('ada@Bücher.example.')).data.createGuestInvitation.guestInvitation.email).toBe(
    'ada@xn--bcher-kva.example',
  )
  // The same domain, however it is written: one address has one invitation.
  for (const email of [
    'ada@xn--bcher-kva.example',
    'ADA@BÜCHER.example',
    'ada@bücher。example',
    'ada@ｂücher.example',
  ])
    expect((await send(email)).data.createGuestInvitation.__typename, email).toBe('ConflictError')
  for (const email of [
    '',
    'ada',
    '@example.com',
    'ada@',
    'a@b@c',
    'a b@example.com',
    'a@x.com\r\nBcc: b@x.com',
    ...['x0,victim@example.com', 'a<victim@example.com>', 'a<victim@example.com', 'victim@example.com;'],
    ...['bcc:victim@example.com;', 'bcc:victim@example.com', 'a;victim@example.com', '(a)victim@example.com'],
    ...['a\\b@example.com', 'a[b@example.com', 'a\u3000b@example.com', 'a@example.com/x', 'a@ex%61mple.com'],
    ...['a@example..com', 'a@example.com..', 'a@.', 'a@127.0.0.1', 'a@[127.0.0.1]', 'a@example.com:25'],
  ]) {
    const { errors } = await send(email)
    expect(errors[0]?.extensions.code, email).toBe('BAD_USER_INPUT')
  }
})

test('an enum refuses what it does not have; one value stands for a list of one', async () => {
  const app = await testApp()
  const { key } = await house(app)
  const list = (statuses: unknown) =>
    app.call(
      'query ($s: [InvitationStatus!]) { organization { invites(filter: { statuses: $s }) { totalCount } } }',
      { s: statuses },
      { key },
    )
  expect((await list('PENDING')).data.organization.invites.totalCount).toBe(0)
  for (const statuses of ['pending', ['PENDING', 'GONE'], [null], 5, {}, [['PENDING']], '']) {
    const { data, errors } = await list(statuses)
    expect(data).toBeNull()
    expect(errors[0]?.extensions.code, JSON.stringify(statuses)).toBe('BAD_USER_INPUT')
  }
})

test('DateTime is written as toISOString writes it, at every edge', () => {
  const DateTime = schema.getType('DateTime')
  if (!isScalarType(DateTime)) throw new Error('DateTime is no scalar.')
  const edges = [0, 1, 999, 1000, 59_999, 60_000, 3_599_999, 3_600_000, 86_399_999]
  const years = [Date.UTC(1970), Date.UTC(2000, 1, 29), Date.UTC(2031, 11, 31), Date.UTC(9999, 11, 31)]
  for (const instant of years.flatMap((year) => edges.map((edge) => year + edge))) {
    expect(DateTime.coerceOutputValue(instant)).toBe(new Date(instant).toISOString())
  }
})

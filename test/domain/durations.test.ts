import { expect, test } from 'vitest'
import { parseDuration } from '#domain/durations.ts'
import { testApp } from '../kit/app.ts'
import { CREATE_INVITE, house, invite } from '../kit/story.ts'
import { DAY, HOUR, SECOND, WEEK } from '../kit/time.ts'

const MINUTE = 60 * SECOND

const accepted: [string, number][] = [
  ['PT1H', HOUR],
  ['P1W', WEEK],
  ['P1D', DAY],
  ['PT30M', 30 * MINUTE],
  ['PT45S', 45 * SECOND],
  ['P1DT2H3M4S', DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND],
  ['P2W3DT4H', 2 * WEEK + 3 * DAY + 4 * HOUR],
  ['P3650D', 3650 * DAY],
  ['1s', SECOND],
  ['30m', 30 * MINUTE],
  ['30M', 30 * MINUTE],
  ['1h', HOUR],
  ['2h30m', 2 * HOUR + 30 * MINUTE],
  ['2h30M', 2 * HOUR + 30 * MINUTE],
  ['1d', DAY],
  ['1w', WEEK],
  ['1w2d3h4m5s', WEEK + 2 * DAY + 3 * HOUR + 4 * MINUTE + 5 * SECOND],
  ['0h1s', SECOND],
  [' 1h ', HOUR],
  ['3650d', 3650 * DAY],
]

const refused = [
  ...[
    '',
    ' ',
    'P',
    'PT',
    'P1',
    'PT1',
    'P1DT',
    'P1H',
    'PT1D',
    'PT1W',
    'P1D1W',
    'PT1S1M',
    'pt1h',
    'P-1D',
    '-PT1H',
  ],
  ...['P1Y', 'P1M', 'P1Y2M', 'P1.5D', 'PT1,5H', 'PT0S', 'P0D', 'P3650DT1S', 'P3651D', 'P522W'],
  ...[
    '1y',
    '1Y',
    '1',
    '60',
    '1 h',
    '1h 30m',
    'h',
    '1.5h',
    '-1h',
    '+1h',
    '0s',
    '0',
    '1h1h',
    '30m30M',
    '1hour',
  ],
  ...[
    '3650d1s',
    '3651d',
    '522w',
    '1e3s',
    '１h',
    `${'9'.repeat(400)}s`,
    '1h;',
    'PT1H2h',
    '1ms',
    '1S',
    '1H',
    '1W',
  ],
]

test.each(accepted)('%j is a duration', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each(refused)('%j is none', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

test('durations are measured from the instant at which the invite opens', async () => {
  const app = await testApp()
  const acme = await house(app)
  const at = (ms: number) => new Date(app.time.now() + ms).toISOString()

  const cases = [
    { input: { expiresIn: 'PT1H' }, from: 0, to: HOUR },
    { input: { startsIn: '2d', expiresIn: '1h' }, from: 2 * DAY, to: 2 * DAY + HOUR },
    { input: { validFrom: at(3 * DAY), expiresIn: '30m' }, from: 3 * DAY, to: 3 * DAY + 30 * MINUTE },
    { input: { validFrom: at(-DAY), expiresIn: '2d' }, from: -DAY, to: DAY },
    { input: { startsIn: 'P1D', validTo: at(2 * DAY) }, from: DAY, to: 2 * DAY },
  ]
  for (const { input, from, to } of cases) {
    const made = await invite(acme, input)
    expect(made.invite, JSON.stringify(input)).toMatchObject({ validFrom: at(from), validTo: at(to) })
  }
})

test('what is no duration is refused with help, in both places at once', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { createInvite } = await acme.ask(CREATE_INVITE, {
    input: {
      integrationId: acme.integrationId,
      portalIds: acme.portalIds,
      expiresIn: '1y',
      startsIn: '60',
    },
  })
  expect(createInvite.__typename).toBe('InvalidInputError')
  expect(createInvite.issues.map((issue: { path: string[] }) => issue.path)).toEqual([
    ['expiresIn'],
    ['startsIn'],
  ])
  for (const { message } of createInvite.issues) expect(message).toContain('PT1H')
})

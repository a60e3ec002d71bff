import { expect, test } from 'vitest'
import { accentSheet } from '#pages/color.ts'
import { testApp } from '../kit/app.ts'
import { house, invite } from '../kit/story.ts'
import { visitor } from './visitor.ts'

const SET_COLOR = `mutation ($color: String) { updateOrganization(input: { color: $color }) {
  ... on UpdateOrganizationPayload { organization { name color } } ... on UserError { code message } } }`

test('an organization’s colour is that of its pages; without one, its id makes one', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { token } = await invite(acme)
  const accent = async () => /accent\/(\w+)\.css/.exec(await visitor(app).text(`/invite/${token}`))?.[1]
  const own = await accent()
  expect((await acme.ask(SET_COLOR, { color: '#0B6E4F' })).updateOrganization).toEqual({
    organization: { name: 'Acme', color: '#0b6e4f' },
  })
  expect(await accent()).toBe('0b6e4f')
  const sheet = await app.fetch(new Request('http://latchkey.test/pages/accent/0b6e4f.css'))
  expect(sheet.headers.get('content-type')).toBe('text/css; charset=utf-8')
  expect(await sheet.text()).toContain('--accent: #0b6e4f;')
  expect((await acme.ask(SET_COLOR, { color: 'red' })).updateOrganization).toMatchObject({
    code: 'INVALID_INPUT',
  })
  await acme.ask(SET_COLOR, { color: null })
  expect(await accent()).toBe(own)
})

test('a renamed organization keeps its colour, and no two below one share a name', async () => {
  const app = await testApp()
  const acme = await house(app)
  await acme.ask(SET_COLOR, { color: '#112233' })
  const annexes: string[] = []
  for (const name of ['Annex', 'Barn']) {
    const { createOrganization } = await acme.ask(
      `mutation ($name: String!) { createOrganization(input: { name: $name }) { ... on CreateOrganizationPayload { apiKey } } }`,
      { name },
    )
    annexes.push(createOrganization.apiKey)
  }
  const rename = async (key: string | undefined, name: string) =>
    (
      await app.call(
        `mutation ($name: String) { updateOrganization(input: { name: $name }) {
          ... on UpdateOrganizationPayload { organization { name color } } ... on UserError { code } } }`,
        { name },
        { key },
      )
    ).data.updateOrganization
  expect(await rename(acme.key, 'Acme & Co.')).toEqual({
    organization: { name: 'Acme & Co.', color: '#112233' },
  })
  expect(await rename(annexes[1], ' ANNEX ')).toEqual({ code: 'CONFLICT' })
  expect(await rename(annexes[1], 'BARN')).toMatchObject({ organization: { name: 'BARN' } })
})

test('whatever the colour, what is written in it and on it can be read (WCAG 2, AA)', () => {
  const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
  const luminance = (hex: string) =>
    [0.2126, 0.7152, 0.0722].reduce(
      (sum, share, index) =>
        sum + share * linear(Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16) / 255),
      0,
    )
  const contrast = (a: string, b: string) => {
    const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
    return (high + 0.05) / (low + 0.05)
  }
  const levels = ['00', '33', '66', '77', '99', 'cc', 'ff']
  for (const red of levels) {
    for (const green of levels) {
      for (const blue of levels) {
        const accent = red + green + blue
        const [, on = '', light = '', dark = ''] =
          /on-accent: #(\w+)[\s\S]*?ink: #(\w+)[\s\S]*?ink: #(\w+)/.exec(accentSheet(accent)) ?? []
        expect(contrast(accent, on), accent).toBeGreaterThanOrEqual(4.5)
        for (const ground of ['ffffff', 'f4f3f0']) {
          expect(contrast(light, ground), accent).toBeGreaterThanOrEqual(4.5)
        }
        for (const ground of ['141518', '1f2126']) {
          expect(contrast(dark, ground), accent).toBeGreaterThanOrEqual(4.5)
        }
      }
    }
  }
})

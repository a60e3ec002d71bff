import { expect, test } from 'vitest'
import { acceptedLocales } from '#domain/locales.ts'
import { testApp } from '../kit/app.ts'
import { CREATE_INVITE, house, invite } from '../kit/story.ts'

const PREVIEW = `query ($token: String!, $locales: [Locale!]) {
  invitationPreview(token: $token) { message(locales: $locales) { locale text } }
}`
const INVITE = `query ($id: ID!, $locales: [Locale!]) {
  invite(id: $id) { inviteeMessage(locales: $locales) { locale } inviteeMessages { locale text } }
}`

const MESSAGES = [
  { locale: 'fr', text: 'Bienvenue' },
  { locale: 'de', text: 'Willkommen' },
  { locale: 'en-GB', text: 'Welcome' },
  { locale: 'zh-Hant', text: '歡迎' },
  { locale: 'ar', text: 'أهلاً بكم في \u2067Lobby\u2069\n\u200fالطابق 3' },
]

async function welcomed(inviteeMessage: object[] = MESSAGES) {
  const app = await testApp()
  const acme = await house(app)
  const { id, token } = await invite(acme, { inviteeMessage })
  const choose = async (locales: string[] | null, header?: string) => {
    const headers = header === undefined ? {} : { 'accept-language': header }
    const preview = await app.call(PREVIEW, { token, locales }, { headers })
    const read = await app.call(INVITE, { id, locales }, { key: acme.key, headers })
    expect([preview.errors, read.errors]).toEqual([[], []])
    const chosen = preview.data.invitationPreview.message
    expect(read.data.invite.inviteeMessage?.locale).toBe(chosen?.locale)
    return chosen?.locale
  }
  return { app, acme, id, token, choose }
}

test('the locales that are asked for decide, the most wanted first', async () => {
  const { choose } = await welcomed()
  const wishes: [string[], string][] = [
    [['de'], 'de'],
    [['de-CH'], 'de'],
    [['de-CH', 'fr'], 'de'],
    [['de-AT', 'de-CH', 'en'], 'de'],
    [['en'], 'en-GB'],
    [['en-US', 'de'], 'en-GB'],
    [['ja', 'ar-EG', 'de'], 'ar'],
    [['zh-TW'], 'zh-Hant'],
    [['ja'], 'fr'],
    [['ja', 'ko'], 'fr'],
    [[], 'fr'],
    [['DE-ch'], 'de'],
  ]
  for (const [wanted, got] of wishes) expect(await choose(wanted), wanted.join()).toBe(got)
})

test('without them, the request’s own languages do, by their quality; asked-for ones outrank these', async () => {
  const { choose } = await welcomed()
  const wishes: [string, string][] = [
    ['de-CH,de;q=0.9,en;q=0.8', 'de'],
    ['en;q=0.3, de;q=0.7', 'de'],
    ['en;Q=0.3, de ; Q=0.7', 'de'],
    ['de;q=0, en', 'en-GB'],
    ['ja;q=1.0,ar;q=0.1', 'ar'],
    ['*', 'fr'],
    ['*;q=0.5, de;q=0.1', 'de'],
    ['', 'fr'],
    ['not_a_locale, ;q=, de;q=x, en;q=0.1', 'en-GB'],
  ]
  for (const [header, got] of wishes) expect(await choose(null, header), header).toBe(got)
  expect(await choose(['ar'], 'de')).toBe('ar')
  expect(await choose([], 'de')).toBe('fr')
})

test('a header is read as far as it makes sense', () => {
  expect(acceptedLocales('fr;q=0.2, de-ch, x_y, en;q=0.9, en-GB;q=0, *;q=0.1, ja;q=nonsense')).toEqual([
    'de-CH',
    'en',
    'fr',
  ])
  expect(acceptedLocales(null)).toEqual([])
  expect(acceptedLocales(Array.from({ length: 1000 }, () => 'de').join())).toHaveLength(20)
})

test('messages come back as they were given, in their order, from right to left too', async () => {
  const { acme, id } = await welcomed()
  const read = await acme.ask(INVITE, { id })
  expect(read.invite.inviteeMessages).toEqual(MESSAGES)
  const none = await welcomed([])
  expect(await none.choose(['de'])).toBeUndefined()
})

test('each locale once, under its canonical name, with a text', async () => {
  const { acme } = await welcomed()
  const create = async (inviteeMessage: object[]) =>
    (
      await acme.ask(CREATE_INVITE, {
        input: { integrationId: acme.integrationId, portalIds: acme.portalIds, inviteeMessage },
      })
    ).createInvite
  const text = 'Hi'
  expect(
    (
      await create([
        { locale: 'de-ch', text },
        { locale: 'de-CH', text },
      ])
    ).issues[0].path,
  ).toEqual(['inviteeMessage'])
  expect((await create([{ locale: 'de', text: ' ' }])).issues[0].path).toEqual([
    'inviteeMessage',
    '0',
    'text',
  ])
  expect((await create([{ locale: 'de', text: 'x'.repeat(2001) }])).__typename).toBe('InvalidInputError')
  const many = Array.from({ length: 21 }, (_, index) => ({ locale: `en-${100 + index}`, text }))
  expect((await create(many)).__typename).toBe('InvalidInputError')
  expect((await create(many.slice(1))).__typename).toBe('CreateInvitePayload')
  await expect(create([{ locale: 'de_CH', text }])).rejects.toThrow('BAD_USER_INPUT')
})

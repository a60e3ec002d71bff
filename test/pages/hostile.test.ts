import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { house, invite } from '../kit/story.ts'
import { visitor } from './visitor.ts'

const HOSTILE = `"><script>alert(1)</script>{{ 7000001 | times: 3 }}{% raw %}'&\u2066`

test('hostile names and messages are text, on every page and in the calendar', async () => {
  const app = await testApp()
  const name = `"><img src=x onerror=alert(1)>{{ 7000001 | times: 3 }}'&`
  const acme = await house(app, name)
  await app.store.write((tx) => tx.db.updateTable('portals').set({ name }).execute())
  await app.store.write((tx) => tx.db.updateTable('api_keys').set({ name }).execute())
  const { token } = await invite(acme, {
    name: `${name};,\\n`,
    inviteeMessage: [{ locale: 'en', text: `${HOSTILE}\nEND:VEVENT\r\nBEGIN:VALARM\u2028X:1` }],
  })
  const guest = visitor(app)
  const pages = [await guest.text(`/invite/${token}`)]
  const refused = await guest.post(`/invite/${token}`, { nonce: 'n'.repeat(43), guestName: HOSTILE })
  pages.push(await refused.text())
  await guest.submit(`/invite/${token}`, { guestName: name })
  pages.push(await guest.text(`/invite/${token}`))
  const [portalId = ''] = acme.portalIds
  pages.push(await (await guest.post(`/invite/${token}/open`, { portalId })).text())
  for (const html of pages) {
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;{{ 7000001 | times: 3 }}&#39;&amp;')
    // Templates have no such elements, nor more scripts than one.
    expect(html).not.toMatch(/<img|<iframe|21000003/)
    expect(html.match(/<script/g)).toHaveLength(1)
  }

  const file = await (await guest.get(`/invite/${token}/calendar.ics`)).text()
  const unfolded = file.replaceAll('\r\n ', '')
  expect(unfolded.match(/^(?:BEGIN|END):\w+$/gm)).toEqual([
    'BEGIN:VCALENDAR',
    'BEGIN:VEVENT',
    'END:VEVENT',
    'END:VCALENDAR',
  ])
  expect(unfolded).toContain(`SUMMARY:${name}\\;\\,\\\\n\r\n`)
  expect(unfolded).toContain('\\nEND:VEVENT\\nBEGIN:VALARM\\nX:1\r\n')
})

test('no header of a request changes a link, and nothing leads off the site', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { token } = await invite(acme)
  const plain = await visitor(app).text(`/invite/${token}`)
  const guest = visitor(app, {
    host: 'evil.test',
    'x-forwarded-host': 'evil.test',
    'x-forwarded-proto': 'gopher',
    forwarded: 'host=evil.test',
    'x-original-url': '//evil.test',
    'x-rewrite-url': '//evil.test',
    referer: 'https://evil.test/',
  })
  const html = await guest.text(`/invite/${token}`)
  const withoutNonce = (text: string) => text.replace(/value="[\w-]{43}"/, '')
  expect(withoutNonce(html)).toBe(withoutNonce(plain))
  expect(await (await guest.get(`/invite/${token}/calendar.ics`)).text()).toContain(
    'URL:https://latchkey.test/',
  )
  const accepted = await guest.submit(`/invite/${token}`)
  expect(accepted.headers.get('location')).toBe(`/invite/${token}`)
  for (const path of [
    '//evil.test',
    '/%2f%2fevil.test',
    '/..%2f..%2fevil.test',
    '/https:%2f%2fevil.test',
    '/',
  ]) {
    for (const part of ['', '/open']) {
      const response = await guest.get(`/invite${path}${part}`)
      expect(response.headers.get('location') ?? '/invite/').toMatch(/^\/invite\//)
      expect([303, 404]).toContain(response.status)
    }
  }
})

import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { dump } from '../kit/dump.ts'
import { CREATE_GUEST_INVITATION, house, invite } from '../kit/story.ts'

/** Those that open links in mails and chats before their readers do. */
const agents = [
  'Mozilla/5.0 (compatible; Microsoft Outlook SafeLinks)',
  'Mozilla/5.0 (compatible; Barracuda Sentinel)',
  'Mozilla/5.0 (compatible; proofpoint-urldefense)',
  'Mimecast URL Protect',
  'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)',
  'TelegramBot (like TwitterBot)',
  'WhatsApp/2.23.20.0',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) SkypeUriPreview',
  'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)',
]

test('a thousand looks of mail scanners and link previews change nothing', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { token } = await invite(acme, { maxUses: 1 })
  const { createGuestInvitation } = await acme.ask(CREATE_GUEST_INVITATION, {
    input: { email: 'guest@example.com', expiresAt: '2031-01-01T00:00:00Z', sendEmail: false },
  })
  const paths = [token, createGuestInvitation.token, `${token}/calendar.ics`, `${token}/open`]
  const before = await dump(app)
  const seen = new Set<string>()
  for (let look = 0; look < 1000; look++) {
    const method = ['GET', 'HEAD', 'OPTIONS'][look % 3] ?? ''
    const path = `/invite/${paths[look % paths.length]}`
    const response = await app.fetch(
      new Request(`http://latchkey.test${path}`, {
        method,
        headers: { 'user-agent': agents[look % agents.length] ?? '', accept: '*/*' },
      }),
    )
    seen.add(`${method} ${response.status}`)
    if (method !== 'GET') expect(await response.text()).toBe('')
    else await response.body?.cancel()
    if (response.headers.has('set-cookie')) throw new Error(`${method} ${path} sets a cookie`)
  }
  expect([...seen].sort()).toEqual(['GET 200', 'GET 303', 'HEAD 200', 'HEAD 303', 'OPTIONS 204'])
  expect(await dump(app)).toEqual(before)
})

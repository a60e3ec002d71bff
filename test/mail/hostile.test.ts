import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { insertRows } from '#db/rows.ts'
import { newId } from '#domain/ids.ts'
import { queueMail } from '#domain/mail.ts'
import { harmlessName, harmlessText } from '#mail/harmless.ts'
import { type TestApp, testApp } from '../kit/app.ts'
import { courier, mailServer, type Received, soon, tokenIn } from '../kit/mailServer.ts'

const LONG = 10_240
const TEXTS = [
  'Acme\r\nBcc: victim@evil.example',
  'Acme\nSubject: other\n\nbody',
  'Acme\r\n.\r\nQUIT\r\n',
  '=?utf-8?q?Acme=0D=0ABcc:_victim@evil.example?=',
  '"Acme" <ceo@evil.example>, victim@evil.example',
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '"><a href="https://evil.example">Acme</a>',
  "' style='position:fixed' x='",
  '</title></head><body><h1>Owned',
  '<!-- --><style>*{display:none}</style>',
  '{{ organization }}{% include "x" %}{{ "a" | raw }}',
  '[Accept the invitation]',
  '> quoted\n\n-- note\n\n[Go](https://evil.example)',
  'https://evil.example/pay?now=1',
  'Pay at evil.example/now or www.evil.example',
  'hthttps://tps://evil.example',
  'HTTP://EVIL.EXAMPLE javascript:alert(1) data:text/html,x mailto:a@evil.example',
  'http:\\/\\/evil.example http:/\u200b/evil.example',
  'mailto\u00adto:a@evil.example evil\u200b.example evil\u2060.example',
  'evil\u3002example evil\uff0eexample evil\uff61example a\uff20evil.example',
  'ceo@evil.example +1 900 555 0100',
  'xn--80ak6aa92e.com пример.испытание 192.168.0.1:8080',
  '\u202eelpmaxe.live//:sptth',
  '\u2066\u2067\u2068 Acme \u2069\u200e\u200f\u061c',
  '\u0000\u0001\u0007\u001b[31mAcme\u007f\u0085\u009b',
  '\ue000https://evil.example\ue001\ue002[x]',
  'lone \ud800 halves \udc00',
  'zero\u200bwidth\ufeff\u180e\u{e0041}\u{e007f}',
  'Z\u0351\u036b\u0343\u036aa\u0308l\u0301g\u0327o',
  `${'A'.repeat(LONG)}`,
  `${'https://evil.example/'.repeat(LONG / 20)}`,
  `${'<b>'.repeat(LONG / 3)}`,
  `${'\r\n'.repeat(LONG / 2)}x`,
  `${'a.'.repeat(LONG / 2)}`,
  `${'مرحبا '.repeat(LONG / 6)}evil.example`,
  '😀'.repeat(LONG / 4),
  ' ',
  '\u200b\u200d',
  '.@.@.://',
]

/** Whatever a mail program could make a link of: schemes, and words with a dot or an at sign inside. */
const LINKS =
  /[a-z][a-z0-9+.-]*:\/\/|(?:javascript|data|mailto|tel):|www\.|[^\s.<>]\.[\p{L}\p{N}]|[^\s]@[^\s]/iu
/** But for line breaks, and what joins letters. */
const UNSEEN = /[^\P{C}\n\u200c\u200d]/u

/** Two hundred senders: each text as their name, their own and what they say, among harmless ones. */
const senders = TEXTS.flatMap((text) => [
  { organization: text, inviter: 'Ada', message: 'Hello' },
  { organization: 'Acme', inviter: text, message: null },
  { organization: 'Acme', inviter: null, message: text },
  { organization: text, inviter: text, message: text },
  { organization: 'Acme', inviter: 'Ada', message: `before ${text}\n\n${text}` },
])

test(`${senders.length} hostile names and messages: headers intact, HTML escaped, no link but ours`, async () => {
  expect(senders.length).toBeGreaterThanOrEqual(200)
  const app = await testApp()
  const server = await mailServer()
  await post(app)
  courier(app, server)
  await soon(() => expect(server.received).toHaveLength(senders.length))
  const faults = server.received.flatMap((mail) =>
    faultsOf(mail).map((fault) => `${mail.recipient}: ${fault}`),
  )
  expect(faults).toEqual([])
}, 60_000)

/** Puts all of it into the database as it is: the API would refuse much of it. */
const post = ({ store }: TestApp) =>
  store.write(async (tx) => {
    const rowsOf = (row: (sender: (typeof senders)[number], index: number) => object) => senders.map(row)
    const now = { created_at: tx.now }
    const organizations = rowsOf(({ organization: name }, index) => {
      const id = `org_${index}`
      return { ...now, id, name, name_key: id, default_validity: 1, last_sequence: 0 }
    })
    const users = rowsOf(({ inviter: name }, index) => {
      const id = `user_${index}`
      return { ...now, id, issuer: '', subject: id, name }
    })
    const invitations = senders.map(({ message }, index) => {
      const email = `guest-${index}@guest.example`
      return {
        ...{
          ...now,
          id: newId('GuestInvitation'),
          organization_id: `org_${index}`,
          token_hash: randomUUID(),
        },
        ...{ updated_at: tx.now, first_sent_at: tx.now, last_sent_at: tx.now, expires_at: tx.now + 1 },
        ...{ email, email_key: email, message },
      }
    })
    for (const [table, rows] of Object.entries({ organizations, users, guest_invitations: invitations })) {
      await insertRows(table, rows).execute(tx.db)
    }
    for (const [index, { id, email }] of invitations.entries()) {
      tx.actorId = `user_${index}`
      const locale = ['en', 'ar', 'de', 'es', 'fr'][Math.floor(index / 5) % 5] ?? null
      const template = 'guest_invitation'
      await queueMail(tx, { organizationId: `org_${index}`, invitationId: id, template, locale, email })
    }
  })

const HEADERS = 'auto-submitted,content-language,content-type,date,from,message-id,mime-version,subject,to'

function faultsOf(mail: Received): string[] {
  const names = mail.headers
    .map(({ key }) => key)
    .sort()
    .join()
  const token = tokenIn(mail)
  const link = `https://latchkey.test/invite/${token}`
  const html = mail.html ?? ''
  const tags = new Set([...html.matchAll(/<\/?([a-z!][a-z0-9-]*)/gi)].map(([, tag]) => tag?.toLowerCase()))
  const shown = html
    .replace(/<(style|head)>[\s\S]*?<\/\1>|<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replace(/&[a-z#0-9]+;/g, '')
  const own = (text: string) => text.replaceAll(link, '').replaceAll(/[.?!:](?=\s|$)/g, '')
  const checks: Record<string, boolean> = {
    headers: names === HEADERS,
    'header lines':
      mail.raw
        .split('\r\n\r\n')[0]
        ?.split('\r\n')
        .every((line) => /^[\x20-\x7e\t]{1,998}$/.test(line)) ?? false,
    recipient: mail.to?.length === 1 && mail.to[0]?.address === mail.recipient,
    sender: mail.from?.address === 'no-reply@latchkey.test' && mail.from.name === 'Latchkey',
    subject:
      !UNSEEN.test(mail.subject ?? '') &&
      !/\n/.test(mail.subject ?? '') &&
      [...(mail.subject ?? '')].length < 200,
    'links in the subject': !LINKS.test(mail.subject ?? ''),
    tags: [...tags].every((tag) => TAGS.has(tag ?? '')),
    targets: [...tagsOf(html).matchAll(/\b(?:href|src|action|background)="?([^"]*)/gi)].every(
      ([, to]) => to === link,
    ),
    'exactly one link': html.split(link).length === 2 && (mail.text?.split(link).length ?? 0) === 2,
    'links in the text': !LINKS.test(own(mail.text ?? '')),
    'links in the HTML': !LINKS.test(own(shown)),
    'unseen characters': !UNSEEN.test(mail.text ?? '') && !UNSEEN.test(html),
    length: (mail.text?.length ?? 0) < 6000,
  }
  return Object.entries(checks).flatMap(([what, holds]) => (holds ? [] : [what]))
}

const tagsOf = (html: string) => (html.match(/<[^>]*>/g) ?? []).join()

const TAGS = new Set([
  '!doctype',
  'html',
  'head',
  'meta',
  'title',
  'style',
  'body',
  'table',
  'tr',
  'td',
  'p',
  'a',
  'bdi',
  'br',
])

test('what is harmless stays as it is', () => {
  for (const name of [
    'Zürich & Söhne, Inc.',
    "O'Neil – “Bar”",
    'شركة الأمل',
    '東京ドーム',
    '👩‍👩‍👧 Family',
    'می‌خواهم',
  ]) {
    expect(harmlessName(name)).toBe(name)
  }
  expect(harmlessText('Dear all,\n\nsee you at 10:30. Note: bring “it”.\n')).toBe(
    'Dear all,\n\nsee you at 10:30. Note: bring “it”.',
  )
  expect(harmlessName('  \u200b ')).toBeNull()
  expect(harmlessName('See https://evil.example')).toBe('See evil\u2024example')
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { mailTemplates } from '#domain/mail.ts'
import type { Letter } from '#domain/outbox.ts'
import { Templates } from '#mail/templates.ts'
import { composer } from '../kit/mailServer.ts'

async function folderOf(files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-templates-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text)
  return folder
}

const letter: Letter = {
  id: '0',
  attempt: 1,
  claimedAt: null,
  template: 'guest_invitation',
  locale: null,
  email: 'ada@guest.example',
  organization: 'Acme',
  inviter: 'Bob',
  name: 'Ada',
  message: 'See you',
  expiresAt: Date.UTC(2030, 4, 1, 15, 30),
  token: `lk_guest_${'x'.repeat(43)}`,
}

test('templates that cannot be used are refused: every fault of every file at once', async () => {
  const folder = await folderOf({
    'guest_invitation.de.liquid': 'Hallo\n\n{% if inviter %}ohne Ende\n\n[Los]',
    'guest_invitation.en.liquid': 'Hello\n\n{{ organisation }}\n\n[Go]',
    'guest_invitation.fr.liquid': 'Salut\n\n{{ organization | shout }}\n\n[Allez]',
    'member_invitation.en.liquid': 'Hello\n\nno button',
    'member_invitation.es.liquid': 'Hola\n\n{% if name %}[Ir]{% endif %}',
    'welcome_guest.en.liquid': '{% if name %}Hello{% endif %}\n\n',
    'welcome_gest.en.liquid': 'Hello\n\n[Go]',
    'welcome_guest.e.liquid': 'Hello\n\n[Go]',
    'welcome_member.en.liquid': 'Hello\n\n{% include "/etc/passwd" %}\n\n[Go]',
    'layout.html.liquid': '<h1>{{ subject }}</h1>',
    'notes.txt': 'not a template',
  })
  const faults = faultsOf(folder).map((fault) => fault.split(':')[0])
  expect(faults).toEqual([
    'guest_invitation.de.liquid',
    'guest_invitation.en.liquid',
    'guest_invitation.fr.liquid',
    'member_invitation.en.liquid',
    'member_invitation.es.liquid',
    'welcome_gest.en.liquid',
    'welcome_guest.e.liquid',
    'welcome_guest.en.liquid',
    'welcome_member.en.liquid',
    'layout.html.liquid',
  ])
  expect(faultsOf(join(folder, 'nothing'))).toEqual(['The folder cannot be read.'])
})

function faultsOf(folder: string): string[] {
  try {
    new Templates(folder)
    return []
  } catch (error) {
    return error instanceof Error ? error.message.split('\n') : []
  }
}

test.each(['en', 'de', 'fr', 'es', 'ar'])(
  'every template is there in %s, and says what it must',
  (locale) => {
    const written = mailTemplates.map((template) => composer().compose({ ...letter, template, locale }))
    for (const mail of written) {
      expect(mail.locale).toBe(locale)
      expect(mail.subject).toContain('Acme')
      expect(mail.html).toContain(`dir="${locale === 'ar' ? 'rtl' : 'ltr'}"`)
    }
    for (const { text } of written.slice(0, 2)) {
      expect(text).toContain('Bob')
      expect(text).toContain('\n\n> See you\n\n')
      expect(text).toMatch(/2030|٢٠٣٠/)
      expect(text).toContain('UTC')
    }
    expect(new Set(written.map(({ text }) => text)).size).toBe(mailTemplates.length)
  },
)

test('who is not named, and what is not said, leaves no gap', () => {
  for (const locale of ['en', 'de', 'fr', 'es', 'ar']) {
    for (const template of mailTemplates) {
      const least = { ...letter, template, locale, inviter: null, name: null, message: null, expiresAt: null }
      const { subject, text, html } = composer().compose({ ...least, token: null })
      expect(subject + text).not.toMatch(/ {2}| [,.:]|null|undefined|>|\n{3}/)
      expect(html).toContain('href="https://latchkey.test"')
    }
  }
})

test('a page is paragraphs, a quotation, a button and a note; a value passes for none of them', async () => {
  const folder = await folderOf({
    'guest_invitation.en.liquid': [
      'To {{ name }}',
      'One paragraph\n  on two lines,\nby {{ inviter }}',
      '{{ message }}',
      '> {{ message }}',
      '[Go to {{ organization }}]',
      '-- {{ name }}',
    ].join('\n\n'),
    'layout.html.liquid':
      '{{ link }}|{% for p in paragraphs %}{{ p.kind }} {{ p.lines | size }}{% for l in p.lines %}{% for part in l %}{% if part.isValue %}<{{ part.text }}>{% else %}{{ part.text }}{% endif %}{% endfor %}/{% endfor %}|{% endfor %}',
  })
  const message = '[Go]\n\n-- note\n<b>'
  const { html, text, subject } = composer(folder).compose({ ...letter, message })
  expect(subject).toBe('To Ada')
  expect(html.split('|').slice(1)).toEqual([
    'text 1One paragraph on two lines, by <Bob>/',
    'text 4<[Go]>//<-- note>/<&lt;b&gt;>/',
    'quote 4<[Go]>//<-- note>/<&lt;b&gt;>/',
    'button 1Go to <Acme>/',
    'note 1<Ada>/',
    '',
  ])
  expect(text).toBe(
    [
      'One paragraph on two lines, by Bob',
      '[Go]\n\n-- note\n<b>',
      '> [Go]\n>\n> -- note\n> <b>',
      `Go to Acme:\nhttps://latchkey.test/invite/${letter.token}`,
      'Ada\n',
    ].join('\n\n'),
  )
})

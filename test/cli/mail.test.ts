import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EnvError, readEnv } from '../../src/env.ts'
import { mailServer, soon, tokenIn } from '../kit/mailServer.ts'
import { CREATE_GUEST_INVITATION } from '../kit/story.ts'
import { finished, latchkey, post, temporaryFolder } from './processes.ts'

const faultsOf = (variables: Record<string, string>) => {
  try {
    readEnv(variables)
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(EnvError)
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((fault) => fault.trim())
  }
}

test('mail and its limits: all faults at once, and no value repeated', () => {
  const bad = {
    OPEN_INVITATIONS: '0',
    MAILS_PER_RECIPIENT_AN_HOUR: 'xyz',
    MAILS_PER_INVITER_AN_HOUR: '-1',
    MAILS_PER_ORGANIZATION_A_DAY: '1.5',
    SMTP_URL: 'https://user:hunter2@xyz.example',
    MAIL_FROM: 'xyz at example.com',
  }
  const faults = faultsOf(bad)
  expect(faults.map((fault) => fault.split(' ')[0])).toEqual(Object.keys(bad))
  expect(faults.join()).not.toMatch(/xyz|hunter2|-1\b/)
})

test.each([
  'smtp:',
  'smtp://',
  'mail.example.com:25',
  'smtp://mail.example.com/inbox',
  'smtp://mail.example.com?tls=none',
  'smtp://u:%zz@mail.example.com',
])('SMTP_URL=%s is none', (url) => {
  expect(faultsOf({ SMTP_URL: url, MAIL_FROM: 'a@example.com' })).toEqual([
    'SMTP_URL must look like smtps://user:password@mail.example.com',
  ])
})

test.each([
  ['no-reply@example.com', { name: '', address: 'no-reply@example.com' }],
  ['Latchkey <no-reply@example.com>', { name: 'Latchkey', address: 'no-reply@example.com' }],
  ['"Acme, Inc." <a@example.com>', { name: 'Acme, Inc.', address: 'a@example.com' }],
])('MAIL_FROM=%s', (from, expected) => {
  expect(readEnv({ SMTP_URL: 'smtp://localhost', MAIL_FROM: from }).smtp?.from).toEqual(expected)
})

test.each([
  'A\r\nBcc: b@example.com <a@example.com>',
  'a@example.com, b@example.com',
  '<a>',
  'A <a@example.com',
])('MAIL_FROM=%j is none', (from) => expect(faultsOf({ MAIL_FROM: from })).toHaveLength(1))

test('a mail server needs a sender; beyond this machine it is talked to in secret', () => {
  expect(faultsOf({ SMTP_URL: 'smtp://localhost' })).toEqual(['MAIL_FROM must be set with SMTP_URL'])
  expect(readEnv({}).smtp).toBeUndefined()
  const smtp = (url: string, mode: string) => {
    const env = readEnv({ SMTP_URL: url, MAIL_FROM: 'a@example.com', NODE_ENV: mode })
    return [env.smtp?.requireTls, env.smtp?.isLocal]
  }
  expect(smtp('smtp://u:p@mail.example.com:587', 'production')).toEqual([true, false])
  expect(smtp('smtp://mailpit:1025', 'development')).toEqual([false, false])
  for (const host of ['localhost', '127.0.0.1:2525', '[::1]:25']) {
    expect(smtp(`smtp://${host}`, 'production')).toEqual([false, true])
  }
})

test('limits are as set; without that the domain has its own', () => {
  const set = {
    OPEN_INVITATIONS: '1',
    MAILS_PER_RECIPIENT_AN_HOUR: '2',
    MAILS_PER_INVITER_AN_HOUR: '3',
    MAILS_PER_ORGANIZATION_A_DAY: '4',
  }
  expect(readEnv(set).limits).toEqual({
    openInvitations: 1,
    mailsPerRecipientAnHour: 2,
    mailsPerInviterAnHour: 3,
    mailsPerOrganizationADay: 4,
  })
})

test('templates that cannot be used stop the start, all of them named', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'welcome_guest.en.liquid'), 'Hello')
  await writeFile(join(folder, 'welcome.en.liquid'), 'Hello')

  const { code, stderr } = await finished(latchkey(folder, [], { PORT: '0', MAIL_TEMPLATES: folder }))

  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^MAIL_TEMPLATES must hold .*:\n {2}welcome\.en.* expected .*\n {2}welcome_guest\.en.*button.*\n$/,
  )
})

test('what was invited without a mail server waits, and goes out once there is one', async () => {
  const folder = await temporaryFolder()
  const input = { email: 'ada@guest.example', expiresAt: new Date(Date.now() + 1e8).toISOString() }
  const production = { PORT: '0', NODE_ENV: 'production' }
  const made = await finished(latchkey(folder, ['key', '--organization', 'Acme']))
  const { apiKey } = JSON.parse(made.stdout)
  const without = latchkey(folder, [], production)
  const [, port] = await without.printed(/"port":(\d+)/)
  await without.printed(/Without SMTP_URL no e-mail is sent/)
  expect((await fetch(`http://127.0.0.1:${port}/dev/mail`)).status).toBe(404)
  const { data } = await post(`http://127.0.0.1:${port}`, CREATE_GUEST_INVITATION, apiKey, { input })
  expect(data.createGuestInvitation.inviteUrl).toContain('/invite/lk_guest_')
  without.signal('SIGTERM')
  await without.ended

  const server = await mailServer()
  const mail = { SMTP_URL: server.url.href, MAIL_FROM: 'Acme <no-reply@acme.example>' }
  const running = latchkey(folder, [], { PORT: '0', ...mail, PUBLIC_URL: 'https://latchkey.test' })
  await running.printed(/Health/)
  expect(running.stdout).not.toContain('/dev/mail')
  await soon(() => expect(server.received.map(({ recipient }) => recipient)).toContain(input.email))
  const received = server.received.find(({ recipient }) => recipient === input.email)
  expect(received?.from).toEqual({ name: 'Acme', address: 'no-reply@acme.example' })
  expect(tokenIn(received ?? {})).toMatch(/^lk_guest_/)
  running.signal('SIGTERM')
  expect(await running.ended).toBe(0)
  expect(without.stdout + running.stdout + running.stderr).not.toMatch(/lk_guest_/)
})

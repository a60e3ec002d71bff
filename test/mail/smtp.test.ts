import { expect, test } from 'vitest'
import { queueMail } from '#domain/mail.ts'
import { hosts } from '../domain/hosting.ts'
import { courier, type MailServer, mailServer, outbox, soon } from '../kit/mailServer.ts'

const PASSWORD = 'hunter2/%@'

/** A mail on its way to that server, and what became of its first attempt. */
async function tried(server: Pick<MailServer, 'url' | 'received'>, options: { requireTls?: boolean } = {}) {
  const { app, acme, create } = await hosts()
  await create(acme, 'ada@guest.example')
  const at = courier(app, server, options)
  await soon(async () => expect((await outbox(app))[0]).toMatchObject({ attempts: 1, claimed_at: null }))
  await at.stop()
  const [mail] = await outbox(app)
  return { state: mail?.state, said: mail?.last_error, told: `${mail?.last_error} ${app.logged.join()}` }
}

function withCredentials(server: MailServer, password: string) {
  const url = new URL(server.url)
  url.username = encodeURIComponent('us@latchkey.test')
  url.password = encodeURIComponent(password)
  return { ...server, url }
}

test('credentials go by STARTTLS, and a certificate of this machine for itself will do', async () => {
  const server = await mailServer({ password: PASSWORD })
  expect((await tried(withCredentials(server, PASSWORD), { requireTls: true })).state).toBe('SENT')
  expect(server.received).toHaveLength(1)
})

test('a mail server that does not let us in is tried again, and nobody reads the password', async () => {
  const server = await mailServer({ password: PASSWORD })
  const { state, said, told } = await tried(withCredentials(server, 'wrong-hunter2'))
  expect([state, said]).toEqual(['QUEUED', 'The mail server did not let us in.'])
  expect(told).toContain('"responseCode":535')
  expect(told).not.toMatch(/hunter2|us@latchkey/)
})

test('where nothing may be sent in the clear, a server without TLS gets nothing', async () => {
  const server = await mailServer()
  const { state, said } = await tried(server, { requireTls: true })
  expect([state, said]).toEqual(['QUEUED', 'The mail server offers no safe connection.'])
  expect(server.received).toEqual([])
})

test.for([
  'x0,victim@example.com',
  'a<victim@example.com>',
  'victim@example.com;',
  'bcc:victim@example.com;',
])('an address in the outbox that reads as another goes nowhere: %s', async (email) => {
  const { app, acme } = await hosts()
  const server = await mailServer()
  await app.store.write((tx) =>
    queueMail(tx, { organizationId: acme.id, template: 'welcome_guest', locale: null, email }),
  )
  courier(app, server)
  await soon(async () => expect((await outbox(app))[0]?.state).toBe('FAILED'))
  expect((await outbox(app))[0]?.last_error).toBe('No mail can be sent to such an address.')
  expect(server.received).toEqual([])
})

import { pino } from 'pino'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import { expect, onTestFinished, vi } from 'vitest'
import { Composer } from '#mail/composer.ts'
import { Courier } from '#mail/courier.ts'
import { createSmtp } from '#mail/smtp.ts'
import { Templates } from '#mail/templates.ts'
import type { TestApp } from './app.ts'
import { dump } from './dump.ts'

export interface Received extends Email {
  recipient: string
  /** As it came over the wire. */
  raw: string
}

/** How a mail server answers: undefined takes it. */
export type Refusal = { at: 'RCPT TO' | 'DATA'; code: number; message: string } | undefined

const refused = ({ code, message }: { code: number; message: string }) =>
  Object.assign(new Error(message), { responseCode: code })

/** A real mail server that keeps what it takes; with a password, only from who knows it, and in secret. */
export async function mailServer({ password }: { password?: string } = {}) {
  const received: Received[] = []
  let answer: (recipient: string) => Refusal | Promise<Refusal> = () => undefined
  const server = new SMTPServer({
    disabledCommands: password === undefined ? ['STARTTLS', 'AUTH'] : [],
    onAuth: (given, _, done) =>
      given.password === password ? done(null, { user: 'us' }) : done(new Error('Invalid password')),
    async onRcptTo({ address }, _, done) {
      const refusal = await answer(address)
      if (refusal?.at === 'RCPT TO') done(refused(refusal))
      else done()
    },
    async onData(stream, { envelope }, done) {
      // Whoever hangs up in the middle has sent nothing.
      const chunks: Buffer[] | undefined = await stream.toArray().catch(() => undefined)
      if (!chunks) return
      const raw = Buffer.concat(chunks)
      const recipient = envelope.rcptTo[0]?.address ?? ''
      const refusal = await answer(recipient)
      if (refusal?.at === 'DATA') return done(refused(refusal))
      received.push({ ...(await PostalMime.parse(raw)), recipient, raw: raw.toString() })
      done()
    },
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  const { port } = server.server.address() as { port: number }
  return {
    received,
    url: new URL(`smtp://127.0.0.1:${port}`),
    /** From now on each recipient is answered so, once for the recipient and once for the mail. */
    answerBy(how: typeof answer) {
      answer = how
    },
  }
}

export type MailServer = Awaited<ReturnType<typeof mailServer>>

export const composer = (folder?: string) =>
  new Composer({ templates: new Templates(folder), publicUrl: 'https://latchkey.test' })

/** A courier of the app to that server; whatever secret it carries must stay nowhere else. */
export function courier(
  app: TestApp,
  server: Pick<MailServer, 'url' | 'received'>,
  { folder, requireTls = false }: { folder?: string; requireTls?: boolean } = {},
) {
  const log = pino({ level: 'trace' }, { write: (line: string) => void app.logged.push(line) })
  const transport = createSmtp({
    url: server.url,
    from: { name: 'Latchkey', address: 'no-reply@latchkey.test' },
    isLocal: true,
    requireTls,
  })
  const made = new Courier({
    store: app.store,
    time: app.time,
    composer: composer(folder),
    transport,
    log,
  })
  made.start()
  onTestFinished(async () => {
    await made.stop()
    const tokens = server.received.flatMap((mail) => tokenIn(mail) ?? [])
    const kept = JSON.stringify(await dump(app)) + app.logged.join('\n')
    expect(tokens.filter((token) => kept.includes(token))).toEqual([])
  })
  return made
}

/** The secret of the link in a mail. */
export const tokenIn = ({ text = '' }: Pick<Email, 'text'>) =>
  /https:\/\/latchkey\.test\/invite\/(lk_[a-z]+_[\w-]{43})/.exec(text)?.[1]

/** The mails as they are in the outbox, oldest first. */
export const outbox = ({ store }: Pick<TestApp, 'store'>) =>
  store.db.selectFrom('mails').selectAll().orderBy('id').execute()

/** Once the check holds: what a courier does, it does by itself. */
export const soon = <Result>(check: () => Result) => vi.waitFor(check, { interval: 5, timeout: 15_000 })

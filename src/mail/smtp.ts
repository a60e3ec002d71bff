import { createTransport } from 'nodemailer'
import { emailAddress } from '#domain/inputs.ts'
import { normalizeEmail } from '#domain/names.ts'
import type { Failure } from '#domain/outbox.ts'
import type { ComposedMail } from './composer.ts'

/** How many connections to the mail server there are, and so mails on their way. */
export const AT_ONCE = 5

/** Where mails are handed in. */
export interface MailServer {
  /** `smtp:` or `smtps:`, with credentials where the server wants some. */
  url: URL
  /** Whether the mail server runs on this machine: nobody can listen in between. */
  isLocal: boolean
  /** Whether nothing may be sent in the clear. */
  requireTls: boolean
}

export interface SmtpOptions extends MailServer {
  from: { name: string; address: string }
}

/** What carries a mail to where mails are delivered from. */
export interface Transport {
  /** Undefined once it has been taken; why not otherwise. Never rejects. */
  send(mail: ComposedMail, signal: AbortSignal): Promise<NotTaken | undefined>
  close(): void
}

/** With what may be logged of it. */
export interface NotTaken extends Failure {
  details: Record<string, unknown>
}

/** A pool of connections to a mail server. */
export function createSmtp({ from, ...server }: SmtpOptions): Transport {
  const transporter = createTransport({
    ...connectionTo(server),
    pool: true,
    maxConnections: AT_ONCE,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    dnsTimeout: 10_000,
    socketTimeout: 20_000,
    // A connection that has gone stale unseen; what fails twice waits its turn.
    maxRequeues: 1,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send(mail, signal) {
      const address = normalizeEmail(mail.to)
      if (!emailAddress.safeParse(address).success) return NO_ADDRESS
      try {
        await transporter.sendMail({
          from,
          to: { name: '', address },
          // As an object: a text would be read as a list of addresses.
          envelope: { from: from.address, to: [{ name: '', address }] },
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          messageId: mail.messageId,
          headers: { 'Content-Language': mail.locale, 'Auto-Submitted': 'auto-generated' },
          signal,
        })
        return undefined
      } catch (error) {
        return notTaken(error as SmtpError)
      }
    },
    close: () => transporter.close({ force: true }),
  }
}

/** How to connect with a mail server. */
export function connectionTo({ url, isLocal, requireTls }: MailServer) {
  const secure = url.protocol === 'smtps:'
  const user = decodeURIComponent(url.username)
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    requireTLS: requireTls && !secure,
    // Certificates of a machine for itself are signed by itself.
    tls: { minVersion: 'TLSv1.2' as const, rejectUnauthorized: !isLocal },
    ...(user && { auth: { user, pass: decodeURIComponent(url.password) } }),
  }
}

interface SmtpError extends Error {
  code?: string
  command?: string
  responseCode?: number
  response?: string
}

/** What the mail server said of the recipient or the mail is the sender's to know; the rest only its operator's. */
function notTaken({ code, command, responseCode, response }: SmtpError): NotTaken {
  const isOurs = command === 'RCPT TO' || command === 'DATA'
  const isNoAddress = code === 'EENVELOPE' && command === 'API'
  return {
    permanent: isNoAddress || (isOurs && responseCode !== undefined && responseCode >= 500),
    message:
      isOurs && response
        ? `The mail server said: ${harmless(response)}`
        : (REASONS[`${code} ${command}`] ?? REASONS[code ?? ''] ?? 'The mail server could not be reached.'),
    details: { code, command, responseCode },
  }
}

/** Nodemailer and mail servers would each read it in their own way. */
const NO_ADDRESS: NotTaken = {
  permanent: true,
  message: 'No mail can be sent to such an address.',
  details: { code: 'EENVELOPE' },
}

const REASONS: Record<string, string> = {
  EAUTH: 'The mail server did not let us in.',
  ETLS: 'The mail server offers no safe connection.',
  'EENVELOPE MAIL FROM': 'The mail server takes no mail from us.',
  'EENVELOPE API': NO_ADDRESS.message,
}

/** Short, on one line, and without a secret: some servers repeat what they refuse. */
const harmless = (response: string) =>
  response
    .replace(/lk_[a-z]+_[\w-]+/g, '…')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 200)

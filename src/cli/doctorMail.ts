import { createTransport } from 'nodemailer'
import type { Env } from '../env.ts'
import { CommandError } from './command.ts'
import { type Check, nothing, well } from './finding.ts'

const PATIENCE_MS = 5_000

/** Where mails are handed in, as the environment says. */
interface MailServer {
  url: URL
  /** Whether it runs on this machine, with a certificate of its own making. */
  isLocal: boolean
  requireTls: boolean
}

/** Whether the mail server lets us in; nothing is sent. */
export function mailCheck({ smtp }: Env & { smtp?: MailServer | undefined }): Check {
  return {
    name: 'Mail',
    look: () => (smtp ? login(smtp) : nothing('no SMTP_URL: mails wait, and their links are in the answers')),
  }
}

async function login({ url, isLocal, requireTls }: MailServer) {
  const secure = url.protocol === 'smtps:'
  const user = decodeURIComponent(url.username)
  const transport = createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    requireTLS: requireTls && !secure,
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: !isLocal },
    ...(user && { auth: { user, pass: decodeURIComponent(url.password) } }),
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    dnsTimeout: PATIENCE_MS,
  })
  try {
    await transport.verify()
    return well(`${url.host} lets us in${user ? ` as ${user}` : ''}`)
  } catch (error) {
    throw new CommandError(adviceOn(url, error as { code?: string; responseCode?: number }))
  } finally {
    transport.close()
  }
}

/** Without what the server said: some repeat the password that they refuse. */
function adviceOn({ host, protocol }: URL, { code, responseCode }: { code?: string; responseCode?: number }) {
  const why = [code, responseCode].filter(Boolean).join(' ')
  if (code === 'EAUTH') {
    return `${host} refuses the user or the password (${why}). Set both in SMTP_URL, percent-encoded: smtps://user:p%40ss@${host}`
  }
  if (code === 'ETLS') {
    return `${host} offers no safe connection (${why}). Try SMTP_URL=${protocol === 'smtp:' ? 'smtps' : 'smtp'}://… with its port.`
  }
  return `${host} cannot be reached (${why}). Look at the host and port of SMTP_URL, and at the firewall: nc -vz ${host.replace(':', ' ')}`
}

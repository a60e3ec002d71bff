import { createTransport } from 'nodemailer'
import { connectionTo, type MailServer } from '#mail/smtp.ts'
import { CommandError } from './command.ts'
import { type Check, nothing, well } from './finding.ts'

const PATIENCE_MS = 5_000

/** Whether the mail server lets us in; nothing is sent. */
export function mailCheck({ smtp }: { smtp?: MailServer | undefined }): Check {
  return {
    name: 'Mail',
    look: () => (smtp ? login(smtp) : nothing('no SMTP_URL: mails wait, and their links are in the answers')),
  }
}

async function login(server: MailServer) {
  const { url } = server
  const connection = connectionTo(server)
  const transport = createTransport({
    ...connection,
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    dnsTimeout: PATIENCE_MS,
  })
  try {
    await transport.verify()
    const { user } = connection.auth ?? {}
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

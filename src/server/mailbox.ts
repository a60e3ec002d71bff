import { STATUS_CODES } from 'node:http'
import type { Plugin } from 'graphql-yoga'
import { waitingLetter, waitingMails } from '#domain/mailDelivery.ts'
import type { Letter } from '#domain/outbox.ts'
import type { Store } from '#domain/store.ts'

const PATH = '/dev/mail'
const MOST = 100

/** What makes mails of letters. */
export interface MailWriter {
  compose(letter: Letter): { to: string; locale: string; subject: string; text: string; html: string }
}

// No script at all. Mails have their style in them; the frame that shows one inherits this.
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** What waits in the outbox, for a developer without a mail server: a list, and each mail as it would be sent. */
export function useMailbox(store: Store, writer: MailWriter): Plugin {
  return {
    onRequest({ request, url, endResponse }) {
      const [, id] = /^\/dev\/mail(?:\/([\w-]*))?$/.exec(url.pathname) ?? [undefined, null]
      if (id === null || (request.method !== 'GET' && request.method !== 'HEAD')) return
      return (id ? mailPage(store, writer, id) : listPage(store, writer)).then(endResponse)
    },
  }
}

async function listPage(store: Store, writer: MailWriter): Promise<Response> {
  const mails = await waitingMails(store, MOST)
  const rows = mails.map(
    ({ draft, queuedAt }) => `
      <tr>
        <td>${escaped(draft.email)}</td>
        <td dir="auto"><a href="${PATH}/${escaped(draft.id)}">${escaped(writer.compose(draft).subject)}</a></td>
        <td>${timeOf(queuedAt)}</td>
      </tr>`,
  )
  const table = `
    <table>
      <thead><tr><th scope="col">To</th><th scope="col">Subject</th><th scope="col">Since</th></tr></thead>
      <tbody>${rows.join('')}
      </tbody>
    </table>`
  const none = '<p>Nothing waits. Invite somebody by e-mail, and look again.</p>'
  return page('Mailbox', `<h1>Mailbox</h1>${mails.length > 0 ? table : none}`, 200)
}

async function mailPage(store: Store, writer: MailWriter, id: string): Promise<Response> {
  const letter = await waitingLetter(store, id)
  if (!letter) return page('Not found', `<h1>No such mail waits</h1>${BACK}`, 404)
  const { to, locale, subject, text, html } = writer.compose(letter)
  const body = `
    ${BACK}
    <h1 dir="auto">${escaped(subject)}</h1>
    <p>To ${escaped(to)} · <span lang="en">language ${escaped(locale)}</span></p>
    <iframe title="As HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escaped(html)}"></iframe>
    <h2>As plain text</h2>
    <pre dir="auto" lang="${escaped(locale)}">${linked(escaped(text))}</pre>`
  return page(subject, body, 200)
}

const BACK = `<p><a href="${PATH}">All that waits</a></p>`

const timeOf = (at: number) => {
  const instant = new Date(at).toISOString()
  return `<time datetime="${instant}">${instant.slice(0, 19).replace('T', ' ')} UTC</time>`
}

/** In escaped text; the only address in a mail is our own link. */
const linked = (text: string) =>
  text.replace(/\bhttps?:\/\/[^\s&]+/g, (url) => `<a href="${url}" rel="noopener noreferrer">${url}</a>`)

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')

const page = (title: string, body: string, status: number) =>
  new Response(
    `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>${escaped(title)} – Latchkey</title>
    <style>
      :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
      body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
      table { width: 100%; border-collapse: collapse; }
      th, td { padding: 0.4rem 0.8rem 0.4rem 0; text-align: start; overflow-wrap: anywhere; }
      tr { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
      iframe { width: 100%; height: 34rem; border: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
      pre { white-space: pre-wrap; overflow-wrap: anywhere; }
    </style>
  </head>
  <body>${body}
  </body>
</html>
`,
    {
      status,
      statusText: STATUS_CODES[status] ?? '',
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': contentSecurityPolicy,
        'cache-control': 'no-store',
        'x-robots-tag': 'noindex',
      },
    },
  )

import { domainToASCII } from 'node:url'

/** A name as names are compared: what can be seen of it, trimmed, in Unicode lower case, every sigma alike. */
export const nameKey = (name: string) =>
  name.replace(UNSEEN, '').trim().toLowerCase().replaceAll('ς', 'σ').normalize('NFC')

/** What no eye can tell apart from nothing. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu

/** Far more than any name or address has: a longer text is found nowhere, cut or not. */
const LONGEST_SEARCH = 1000

/**
 * The pattern of a `like` that finds the text anywhere, its own wildcards taken literally (escape `\`).
 * SQLite refuses long patterns and reads them only up to a NUL, which no name has.
 */
export const containing = (text: string) =>
  `%${nameKey(text)
    .slice(0, LONGEST_SEARCH)
    .replaceAll('\0', '\ufffd')
    .replace(/[\\%_]/g, '\\$&')}%`

/** The address as it is stored: trimmed, its domain as mail servers look it up, which is the same however it is written. */
export function normalizeEmail(email: string): string {
  const [, local = '', domain = ''] = /^(.*)@([^@]*)$/.exec(email.trim()) ?? []
  return `${local}@${domainToASCII(domain).toLowerCase().replace(/\.$/, '')}`
}

/** The address as addresses are compared. */
export const emailKey = (email: string) => nameKey(normalizeEmail(email))

/** The address as strangers may see it: j***@example.com. */
export const maskEmail = (email: string) => email.replace(/^(.).*@/u, '$1***@')

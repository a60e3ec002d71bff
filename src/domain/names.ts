/** A name as names are compared: trimmed, Unicode lower case. */
export const nameKey = (name: string) => name.trim().toLowerCase().normalize('NFC')

/** The pattern of a `like` that finds the text anywhere, its own wildcards taken literally (escape `\`). */
export const containing = (text: string) => `%${nameKey(text).replace(/[\\%_]/g, '\\$&')}%`

/** The address as it is stored: trimmed, its domain in lower case. */
export function normalizeEmail(email: string): string {
  const [, local = '', domain = ''] = /^(.*)@([^@]*)$/.exec(email.trim()) ?? []
  return `${local}@${domain.toLowerCase()}`
}

/** The address as addresses are compared. */
export const emailKey = (email: string) => normalizeEmail(email).toLowerCase()

/** The address as strangers may see it: j***@example.com. */
export const maskEmail = (email: string) => email.replace(/^(.).*@/u, '$1***@')

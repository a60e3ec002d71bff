// Seven properties of one event: a library would bring more to review than it spares.

const LONGEST_LINE = 75

export interface CalendarEntry {
  uid: string
  /** When the entry was made, and in which version. */
  stamp: number
  sequence: number
  start: number
  end: number
  summary: string
  description: string
  url: string
}

/** The entry as an iCalendar file (RFC 5545). */
export function calendarOf(entry: CalendarEntry): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Latchkey//Invitation//EN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    `UID:${escaped(entry.uid)}`,
    `DTSTAMP:${instant(entry.stamp)}`,
    `SEQUENCE:${entry.sequence}`,
    `DTSTART:${instant(entry.start)}`,
    `DTEND:${instant(entry.end)}`,
    `SUMMARY:${escaped(entry.summary)}`,
    ...(entry.description ? [`DESCRIPTION:${escaped(entry.description)}`] : []),
    `URL:${entry.url}`,
    // A time in which one may come keeps nobody busy.
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
    'END:VCALENDAR',
  ]
  return lines.map((line) => `${folded(line)}\r\n`).join('')
}

/** In whole seconds of UTC: iCalendar knows no smaller ones. */
const instant = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`

/** Text, so that none of it ends its line or begins a property. */
const escaped = (text: string) =>
  text
    .replace(/[\\;,]/g, '\\$&')
    .replace(/\r\n|[\r\n\u0085\u2028\u2029]/g, '\\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no text of RFC 5545 has them
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')

/** Broken after at most 75 octets, and never within a character. */
function folded(line: string): string {
  const parts: string[] = []
  let part = ''
  let octets = 0
  for (const character of line) {
    const size = Buffer.byteLength(character)
    if (octets + size > LONGEST_LINE) {
      parts.push(part)
      part = ' '
      octets = 1
    }
    part += character
    octets += size
  }
  return [...parts, part].join('\r\n')
}

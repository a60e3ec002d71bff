// What stands for a value's beginning, its end and its line breaks while a template is taken apart, so that no
// value can pass for a part of it. Values themselves have none of these.
const BEGIN = '\ue000'
const END = '\ue001'
const BREAK = '\ue002'

/** A piece of a line: of the template, or a value put into it. */
interface Part {
  text: string
  isValue: boolean
}

interface Paragraph {
  kind: 'text' | 'quote' | 'button' | 'note'
  lines: Part[][]
}

export interface Page {
  subject: string
  paragraphs: Paragraph[]
}

/** A value as the template engine writes it. */
export const marked = (value: unknown) =>
  value == null ? '' : `${BEGIN}${String(value).replaceAll('\n', BREAK)}${END}`

/**
 * A rendered template: its first line is the subject, then come paragraphs with empty lines between. One that
 * begins with `> ` is a quotation, one with `-- ` a note in small print, and `[…]` is the button.
 */
export function pageOf(rendered: string): Page {
  const [subject = '', ...rest] = rendered.trim().split('\n')
  const paragraphs = rest
    .join('\n')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '')
  return { subject: unmarked(subject), paragraphs: paragraphs.map(paragraphOf) }
}

function paragraphOf(source: string): Paragraph {
  const [, label] = /^\[(.+)\]$/s.exec(source) ?? []
  if (label) return { kind: 'button', lines: linesOf(label) }
  if (source.startsWith('> ')) return { kind: 'quote', lines: linesOf(source.slice(2)) }
  if (source.startsWith('-- ')) return { kind: 'note', lines: linesOf(source.slice(3)) }
  return { kind: 'text', lines: linesOf(source) }
}

/** The lines of a template are one, wherever they break; those of a value are as its writer has them. */
function linesOf(source: string): Part[][] {
  const lines: Part[][] = [[]]
  for (const [piece] of source.replace(/\s*\n\s*/g, ' ').matchAll(/\ue000[^\ue001]*\ue001|[^\ue000]+/g)) {
    const isValue = piece.startsWith(BEGIN)
    for (const [index, text] of unmarked(piece, BREAK).split(BREAK).entries()) {
      if (index > 0) lines.push([])
      if (text !== '') lines.at(-1)?.push({ text, isValue })
    }
  }
  return lines
}

const unmarked = (text: string, kept = '') =>
  text.replace(/[\ue000-\ue002]/g, (mark) => (mark === kept ? mark : mark === BREAK ? ' ' : ''))

/** The page as plain text, the link where the button is. */
export function plainText({ paragraphs }: Page, link: string): string {
  const texts = paragraphs.map(({ kind, lines }) => {
    const written = lines.map((line) => line.map(({ text }) => text).join(''))
    if (kind === 'button') return `${written.join(' ')}:\n${link}`
    return written.map((line) => (kind === 'quote' ? `> ${line}`.trimEnd() : line)).join('\n')
  })
  return `${texts.join('\n\n')}\n`
}

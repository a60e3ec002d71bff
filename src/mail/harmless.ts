// What strangers have written stands in mails that carry our name: it must not pass for anything else.

/** A name on one line, of at most so many characters; null where nothing of it can be seen. */
export const harmlessName = (name: string | null, most = 100): string | null =>
  cut(unlinked(visible(name ?? '').replace(/\s+/gu, ' ')), most)

/** A text of several lines, of at most so many characters; null where nothing of it can be seen. */
export const harmlessText = (text: string | null, most = 2000): string | null =>
  cut(
    unlinked(
      visible(text ?? '')
        .replace(/[^\S\n]+/gu, ' ')
        .replace(/ ?\n ?/g, '\n')
        .replace(/\n{3,}/g, '\n\n'),
    ),
    most,
  )

/** More than anybody may write: what would be cut anyway is not looked at. */
const LONGEST = 5000

/**
 * Without what is not seen, or changes what is: control characters, marks that turn the direction, invisible
 * characters but those that join letters, and private ones, which the composing itself uses.
 */
const visible = (text: string) =>
  text
    .slice(0, LONGEST)
    .toWellFormed()
    .replace(/\r\n?|[\u0085\u2028\u2029\v\f]/g, '\n')
    .replace(/[^\P{Cc}\n\t]|[^\P{Cf}\u200c\u200d]|\p{Co}|\p{Cn}/gu, '')

const SCHEME =
  /[a-z][a-z0-9+.-]{0,30}:\/\/+|:\/\/+|(?:mailto|tel|sms|javascript|vbscript|data|file|xmpp|sips?|callto|skype|geo|magnet|bitcoin):/gi

/** Without anything that a mail program makes a link of. It reads the same, but for the schemes. */
function unlinked(text: string): string {
  let plain = text
  // What is left may be a scheme again.
  while (plain.search(SCHEME) >= 0) plain = plain.replace(SCHEME, '')
  return plain.replace(/(?<=\S)[.\u3002\uff0e\uff61](?=\S)/gu, '\u2024').replaceAll('@', '\uff20')
}

function cut(text: string, most: number): string | null {
  const characters = [...text.trim()]
  if (characters.length === 0) return null
  return characters.length > most
    ? `${characters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`
    : text.trim()
}

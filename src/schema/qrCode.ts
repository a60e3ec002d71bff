import { renderSVG } from 'uqr'

/** The text as a QR code: black on white whatever is around it, with the quiet zone that scanners need. */
export const qrCodeOf = (text: string): string => renderSVG(text, { ecc: 'M', border: 4 })

/** Of the rows of answers that show a link: it is stored nowhere, and known there only. */
const shown = new WeakMap<object, string>()

/** The row of an answer that shows its link. */
export function showingLink<Row extends object>(row: Row, link: string | null): Row {
  if (link !== null) shown.set(row, link)
  return row
}

/** The link of a row as a QR code, in the answer that shows it. */
export function shownQrCode(row: object): string | null {
  const link = shown.get(row)
  return link === undefined ? null : qrCodeOf(link)
}

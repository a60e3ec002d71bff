import { renderSVG } from 'uqr'

/** The text as a QR code: black on white whatever is around it, with the quiet zone that scanners need. */
export const qrCodeOf = (text: string): string => renderSVG(text, { ecc: 'M', border: 4 })

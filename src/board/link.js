import { element, isolated } from './elements.js'

const SVG = 'http://www.w3.org/2000/svg'
/** What a QR code is drawn with. */
const SHAPES = new Set(['svg', 'g', 'path', 'rect'])
const ATTRIBUTES = new Set(['viewBox', 'd', 'x', 'y', 'width', 'height', 'fill', 'stroke', 'shape-rendering'])

const dialog = element('link')

dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close())
// The link is a secret that the server tells once and does not keep. Neither does the page.
dialog.addEventListener('close', () => {
  element('link-url').value = ''
  element('qr').replaceChildren()
})

element('copy').addEventListener('click', async () => {
  const url = element('link-url')
  url.select()
  try {
    await navigator.clipboard.writeText(url.value)
    element('copied').textContent = 'Copied.'
  } catch {
    // Only pages that came by HTTPS or from this machine may; by hand it can be done in any.
    element('copied').textContent = 'It is selected: copy it with Ctrl+C or ⌘C.'
  }
})

/** Shows the link to hand out, and its QR code where the server draws one. */
export function showLink({ title, inviteUrl, qrCode }) {
  element('link-title').replaceChildren('The link of “', isolated(title), '”')
  element('link-hint').textContent = inviteUrl
    ? 'It is shown this once: copy it now. Whoever has it can come in.'
    : 'An earlier try had made it already, and with its answer the link was lost: links are shown once. Revoke it, and make another.'
  element('link-body').hidden = !inviteUrl
  element('link-url').value = inviteUrl ?? ''
  element('copied').textContent = ''
  const drawing = qrCode && drawingOf(qrCode)
  element('qr').hidden = !drawing
  element('qr').replaceChildren(...(drawing ? [drawing] : []))
  dialog.showModal()
}

/** The shapes of an SVG, and nothing else that may stand in one: drawn anew instead of believed. */
function drawingOf(source) {
  const drawing = copyOf(new DOMParser().parseFromString(source, 'image/svg+xml').documentElement)
  drawing?.setAttribute('role', 'img')
  drawing?.setAttribute('aria-label', 'QR code of the link')
  return drawing
}

function copyOf({ localName, attributes, children }) {
  if (!SHAPES.has(localName)) return undefined
  const copy = document.createElementNS(SVG, localName)
  for (const { name, value } of attributes) if (ATTRIBUTES.has(name)) copy.setAttribute(name, value)
  copy.append(...[...children].map(copyOf).filter((child) => child !== undefined))
  return copy
}

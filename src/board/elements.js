/** The element of the page with this id. */
export const element = (id) => document.getElementById(id)

/** Makes an element hold one line for each text. Text it stays, whatever stands in it: never `innerHTML`. */
export function fill(parent, tag, texts) {
  parent.replaceChildren(
    ...texts.map((text) => Object.assign(document.createElement(tag), { textContent: text })),
  )
}

/**
 * Enables a button by an `Allowance` of the API, or says why it is not. It stays focusable and only claims to
 * be disabled: a disabled one would keep its reason from the keyboard, from screen readers and from fingers.
 */
export function showAllowance(button, reason, { allowed, reason: why }) {
  if (allowed) button.removeAttribute('aria-disabled')
  else button.setAttribute('aria-disabled', 'true')
  reason.textContent = why ?? ''
}

export const isDisabled = (button) => button.getAttribute('aria-disabled') === 'true'

/** A text that others chose, kept from turning the direction of what stands around it. */
export const isolated = (textContent) => Object.assign(document.createElement('bdi'), { textContent })

/** Does one thing of an element at a time: what is pressed twice is done once. */
export async function busyWith(element, work) {
  if (element.ariaBusy === 'true') return
  element.ariaBusy = 'true'
  try {
    await work()
  } finally {
    element.ariaBusy = null
  }
}

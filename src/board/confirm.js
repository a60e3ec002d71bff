import { element } from './elements.js'

/**
 * Asks before something is done, does it, and shows there why it could not be done.
 * Answers with what `perform` made of it; undefined where it was not done.
 */
export function askFirst({ name, warning }, title, perform) {
  const dialog = element('confirm')
  const yes = element('confirm-yes')
  element('confirm-title').textContent = `${name} “${title}”?`
  element('confirm-warning').textContent = warning
  element('confirm-error').textContent = ''
  yes.textContent = name

  const { promise, resolve } = Promise.withResolvers()
  let result
  yes.onclick = async () => {
    yes.setAttribute('aria-busy', 'true')
    try {
      result = await perform()
      dialog.close()
    } catch (error) {
      element('confirm-error').textContent = error.message
    }
    yes.removeAttribute('aria-busy')
  }
  dialog.addEventListener('close', () => resolve(result), { once: true })
  dialog.showModal()
  return promise
}

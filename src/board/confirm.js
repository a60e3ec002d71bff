import { busyWith, element, isolated } from './elements.js'

const dialog = element('confirm')
const yes = element('confirm-yes')
let questions = 0

/**
 * Asks before something is done, does it, and shows there why it could not be done.
 * Answers with what `perform` made of it; undefined where it was not done.
 */
export function askFirst({ name, warning }, title, perform) {
  const question = ++questions
  const { promise, resolve } = Promise.withResolvers()
  let result
  element('confirm-title').replaceChildren(`${name} “`, isolated(title), '”?')
  element('confirm-warning').textContent = warning
  element('confirm-error').textContent = ''
  yes.textContent = name
  yes.onclick = () =>
    busyWith(yes, async () => {
      try {
        result = await perform()
        // Another may be asked by now, where this one was cancelled too late.
        if (question === questions) dialog.close()
      } catch (error) {
        element('confirm-error').textContent = error.message
      }
    })
  dialog.addEventListener('close', () => resolve(result), { once: true })
  dialog.showModal()
  return promise
}

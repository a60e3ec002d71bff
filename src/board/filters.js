import { element } from './elements.js'
import { kinds, statuses } from './kinds.js'

/** PENDING as people read it: Pending. */
export const statusLabel = (status) => status[0] + status.slice(1).toLowerCase()

element('statuses').append(...statuses.map(statusChoice))

/** Offers the kinds that the key may see. */
export function showKinds(visible) {
  const [all] = element('kind').options
  element('kind').replaceChildren(all, ...visible.map((type) => new Option(kinds[type].label, type)))
}

/** What is asked for now. */
export const readFilter = () => ({
  kind: element('kind').value,
  search: element('search').value.trim(),
  statuses: [...element('statuses').querySelectorAll(':checked')].map(({ value }) => value),
})

function statusChoice(status) {
  const label = document.createElement('label')
  const box = Object.assign(document.createElement('input'), { type: 'checkbox', value: status })
  label.className = 'chip'
  label.append(box, statusLabel(status))
  return label
}

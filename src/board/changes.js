import { timeOfDay } from './dates.js'
import { element, isolated } from './elements.js'
import { kinds } from './kinds.js'

const KEPT = 20

const happened = {
  CREATED: 'was created',
  SENT: 'was sent',
  ACCEPTED: 'was accepted',
  DECLINED: 'was declined',
  USED: 'was used',
  UPDATED: 'was changed',
  REVOKED: 'was revoked',
  RESTORED: 'was restored',
  EXPIRED: 'has expired',
  OPENED: 'has opened',
  EXHAUSTED: 'is used up',
  ARCHIVED: 'was archived',
  UNARCHIVED: 'was unarchived',
}

/** Adds an event to the list of the latest, which screen readers read out. */
export function showChange({ sequence, type, occurredAt, actor, invitation }) {
  const item = document.createElement('li')
  const time = document.createElement('time')
  time.dateTime = occurredAt
  time.textContent = timeOfDay(occurredAt)
  item.dataset.sequence = sequence
  // A newer server may know types that this page does not.
  const title = kinds[invitation.__typename].title(invitation)
  item.append(isolated(title), ` ${happened[type] ?? type.toLowerCase()}`, ...by(actor), ' ', time)
  element('changes').prepend(item)
  element('changes').children[KEPT]?.remove()
  element('no-changes').hidden = true
}

const by = (actor) => (actor?.name ? [' by ', isolated(actor.name)] : [])

import { askFirst } from './confirm.js'
import { dateTime } from './dates.js'
import { element, isDisabled, showAllowance } from './elements.js'
import { statusLabel } from './filters.js'
import { actionDocument, kinds } from './kinds.js'
import { showLink } from './link.js'

/** The rows. Each stays the same element while it is shown: what is focused or pointed at is not torn away. */
export class List {
  #api
  #changed
  #rows = new Map()

  constructor(api, { changed }) {
    this.#api = api
    this.#changed = changed
  }

  /** Shows these invitations, in this order, and no others. */
  show(invitations, { hasMore, isFiltered }) {
    const list = element('list')
    const shown = new Set(invitations.map(({ id }) => id))
    for (const [id, row] of this.#rows) {
      if (shown.has(id)) continue
      // Whoever stood on it would be thrown back to the top of the page.
      if (row.contains(document.activeElement)) element('invitations-title').focus()
      row.remove()
      this.#rows.delete(id)
    }
    for (const [index, invitation] of invitations.entries()) {
      const row = this.#row(invitation)
      update(row, invitation)
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null)
    }
    element('count').textContent = `${invitations.length} shown${hasMore ? ', and there is more' : ''}`
    element('nothing').hidden = invitations.length > 0
    element('nothing').textContent = isFiltered ? 'No invitation matches.' : 'Nobody has been invited yet.'
    element('more').hidden = !hasMore
  }

  /** Shows nothing any more. */
  clear() {
    element('list').replaceChildren()
    this.#rows.clear()
  }

  #row(invitation) {
    const { id, __typename: type } = invitation
    const existing = this.#rows.get(id)
    if (existing) return existing
    const row = element('row').content.firstElementChild.cloneNode(true)
    row.dataset.id = id
    row.querySelector('h3').id = `title-${id}`
    row.querySelector('.actions').append(...kinds[type].actions.map((action) => this.#button(action, id)))
    this.#rows.set(id, row)
    return row
  }

  #button(action, id) {
    const place = Object.assign(document.createElement('span'), { className: 'action' })
    const button = Object.assign(document.createElement('button'), {
      type: 'button',
      className: 'plain',
      textContent: action.name,
    })
    const reason = Object.assign(document.createElement('span'), {
      className: 'reason',
      id: `${action.mutation}-${id}`,
    })
    button.dataset.allowance = action.allowance
    button.setAttribute('aria-describedby', `title-${id} ${reason.id}`)
    button.addEventListener('click', () => {
      // A finger does not focus everywhere what it touches; the reason shows where the focus is.
      if (isDisabled(button)) button.focus()
      else this.#act(action, id)
    })
    place.append(button, reason)
    return place
  }

  async #act(action, id) {
    const { title } = this.#rows.get(id).dataset
    const result = await askFirst(action, title, async () => {
      const { result } = await this.#api.run(actionDocument(action), { id })
      // Somebody else may have been faster, since the button was drawn: then it says so.
      if (result.message) throw new Error(result.message)
      return result
    })
    if (!result) return
    // Nothing is drawn here: the row changes when the log tells that it happened.
    this.#changed()
    if (result.inviteUrl) showLink({ title, ...result })
  }
}

function update(row, invitation) {
  const kind = kinds[invitation.__typename]
  const text = (selector, content) => {
    const place = row.querySelector(selector)
    if (place.textContent !== content) place.textContent = content
  }
  row.dataset.title = kind.title(invitation)
  text('h3', kind.title(invitation))
  text('.kind', kind.label)
  text('.more-detail', kind.detail(invitation))
  row.querySelector('.status').dataset.status = invitation.status
  text('.status', statusLabel(invitation.status))
  text('.uses', kind.uses?.(invitation) ?? '')
  text('.until', period(kind, invitation))
  for (const button of row.querySelectorAll('button')) {
    showAllowance(button, button.nextElementSibling, invitation[button.dataset.allowance])
  }
}

function period(kind, invitation) {
  const from = invitation.status === 'SCHEDULED' ? `From ${dateTime(kind.opens(invitation))} ` : ''
  if (invitation.expiresAt) return `${from}${from ? 'until' : 'Until'} ${dateTime(invitation.expiresAt)}`
  return from || 'Without an end'
}

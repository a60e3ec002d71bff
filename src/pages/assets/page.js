// What the page can do without: times in the reader's zone, one click where two were made, and changes as they happen.

const { lang } = document.documentElement
// Some systems name languages that are no language tags.
const isTag = (tag) => /^[a-z]{2,3}(-[a-z0-9]+)*$/i.test(tag)
const locale = navigator.languages.find((wish) => isTag(wish) && wish.split('-')[0] === lang) ?? lang
const times = new Intl.DateTimeFormat(locale, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZoneName: 'short',
})

function dress(root) {
  for (const time of root.querySelectorAll('time')) time.textContent = times.format(new Date(time.dateTime))
  for (const button of root.querySelectorAll('button.copy')) button.hidden = !navigator.clipboard
}

// A form that was sent is not sent again; one that is seen anew, by the back button, can be.
let sending = false
document.addEventListener('submit', (event) => {
  sending = true
  const button = event.target.querySelector('button')
  if (button.ariaDisabled === 'true') event.preventDefault()
  button.ariaDisabled = 'true'
})
addEventListener('pageshow', () => {
  sending = false
  for (const button of document.querySelectorAll('button')) button.ariaDisabled = null
})

document.addEventListener('click', async (event) => {
  const button = event.target.closest('button.copy')
  if (!button) return
  await navigator.clipboard.writeText(document.querySelector('#key').textContent)
  button.textContent = button.dataset.copied
})

/** Puts the page as it is now in place of the one that is shown; what was typed stays, where it is still asked for. */
async function refresh(here) {
  const answer = await fetch(here, { headers: { accept: 'text/html' }, cache: 'no-store' })
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const before = document.querySelector('main')
  const after = fresh.querySelector('main')
  // A rate limit or a fault of the server says nothing about the invitation.
  if (!after || answer.status === 429 || answer.status >= 500) return
  const typed = before.querySelector('#name')
  const asked = after.querySelector('#name')
  // A form keeps what tells it from others: sent before and after, it is the same one.
  const nonce = before.querySelector('[name=nonce]')
  const asks = after.querySelector('[name=nonce]')
  if (nonce && asks) asks.value = nonce.value
  if (typed && asked && typed.name === asked.name) {
    const { selectionStart, selectionEnd } = typed
    const isFocused = document.activeElement === typed
    asked.value = typed.value
    asked.removeAttribute('autofocus')
    before.replaceWith(after)
    if (isFocused) {
      asked.focus()
      asked.setSelectionRange(selectionStart, selectionEnd)
    }
  } else {
    before.replaceWith(after)
  }
  document.title = fresh.title
  after.classList.add('fresh')
  dress(after)
  const heading = after.querySelector('h1')?.textContent ?? ''
  document.querySelector('.announcer').textContent = heading
}

/** Follows the invitation; after a break, the first thing told is how it stands. */
function follow(here) {
  const events = new EventSource(`${here}/live`)
  events.onmessage = async ({ data }) => {
    const { state } = document.querySelector('main').dataset
    if (data === state || sending) return
    await refresh(here).catch(() => {})
    if (!document.querySelector('main').dataset.state) events.close()
  }
  events.onerror = () => {
    // A browser gives up by itself where it was refused: too many are following just now.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => follow(here), 30_000)
  }
  // A page that is left for another one must not hold its line.
  addEventListener('pagehide', () => events.close(), { once: true })
}

dress(document)
const { here, state } = document.querySelector('main').dataset
if (here && state) follow(here)
addEventListener('pageshow', ({ persisted }) => {
  if (persisted && here && state) follow(here)
})

import { connect } from './api.js'
import { showChange } from './changes.js'
import { createDialog } from './createInvite.js'
import { busyWith, element, fill, isDisabled, showAllowance } from './elements.js'
import { readFilter, showKinds } from './filters.js'
import { Invitations } from './invitations.js'
import { kinds, SESSION } from './kinds.js'
import { List } from './list.js'

const states = {
  connecting: 'Connecting…',
  live: 'Live',
  waiting: 'Reconnecting…',
  off: 'Not live',
}

/** What ends the session that is open, if one is. The key lives in it alone: nothing is ever stored. */
let endSession = () => {}

element('sign-in-form').addEventListener('submit', (event) => {
  event.preventDefault()
  busyWith(element('sign-in-form'), signIn)
})

async function signIn() {
  const input = element('key')
  const key = input.value.trim()
  showSignInError('')
  // What a header could not carry cannot be a key.
  if (!/^[\x21-\x7e]+$/.test(key)) return showSignInError('Paste a key: it begins with lk_key_.')
  const api = connect(key, showState)
  try {
    const { viewer } = await api.run(SESSION)
    const visible = Object.keys(kinds).filter((type) => !refusalOf(type, viewer))
    if (visible.length === 0) {
      throw new Error(`This key may not see invitations. ${refusalOf(Object.keys(kinds)[0], viewer)}`)
    }
    input.value = ''
    openBoard(api, viewer, visible)
  } catch (error) {
    api.close()
    showSignInError(error.code === 'UNAUTHENTICATED' ? 'The server does not know this key.' : error.message)
  }
}

element('sign-out').addEventListener('click', () => signOut(''))

/** Why the viewer may not see this kind; nothing where they may. */
function refusalOf(type, viewer) {
  return kinds[type].needs.map((permission) => viewer[permission].reason).find((reason) => reason !== null)
}

function openBoard(api, viewer, visible) {
  // Once a frame is enough, however many events come at once.
  let frame
  function draw() {
    cancelAnimationFrame(frame)
    frame = requestAnimationFrame(() => list.show(invitations.shown(), invitations))
  }
  const invitations = new Invitations(api, {
    kinds: visible,
    canFollow: viewer.follow.allowed,
    hear: {
      change: draw,
      event: showChange,
      failure: showFailure,
      state: showState,
      end: signOut,
    },
  })
  // An own change is shown when the log tells it, as everybody's is; those who cannot hear it look again.
  const list = new List(api, { changed: () => invitations.refresh() })
  const create = createDialog(api, { changed: () => invitations.refresh() })
  const listening = new AbortController()
  const { signal } = listening

  element('more').addEventListener('click', () => invitations.more(), { signal })
  element('new-invite').addEventListener('click', () => isDisabled(element('new-invite')) || create.open(), {
    signal,
  })
  let typing
  element('filters').addEventListener('submit', (event) => event.preventDefault(), { signal })
  element('filters').addEventListener(
    'input',
    () => {
      clearTimeout(typing)
      typing = setTimeout(() => invitations.filter(readFilter()), 150)
    },
    { signal },
  )

  endSession = () => {
    clearTimeout(typing)
    cancelAnimationFrame(frame)
    listening.abort()
    invitations.close()
    api.close()
    list.clear()
    for (const dialog of document.querySelectorAll('dialog')) dialog.close()
    element('changes').replaceChildren()
  }

  document.title = `${viewer.organization.name} · Latchkey board`
  element('organization').textContent = viewer.organization.name
  showAllowance(element('new-invite'), element('new-invite-reason'), viewer.create)
  showUnseen(visible, viewer)
  showKinds(visible)
  showFailure()
  showState('connecting')
  element('no-changes').hidden = false
  element('sign-in').hidden = true
  element('board').hidden = false
  element('organization').focus()
  invitations.start()
}

/** Back to the key: on demand, or because the one at hand is no longer valid. */
function signOut(why) {
  endSession()
  endSession = () => {}
  document.title = 'Board · Latchkey'
  element('board').hidden = true
  element('sign-in').hidden = false
  element('filters').reset()
  showSignInError(why)
  element('key').focus()
}

function showSignInError(message) {
  element('sign-in-error').textContent = message
  element('key').setAttribute('aria-invalid', String(message !== ''))
}

function showState(state) {
  element('state').dataset.state = state
  element('state').textContent = states[state]
}

function showFailure(message = '') {
  element('failure').textContent = message
  element('failure').hidden = message === ''
}

function showUnseen(visible, viewer) {
  const reasons = Object.keys(kinds)
    .filter((type) => !visible.includes(type))
    .map((type) => `Not shown: ${kinds[type].label}. ${refusalOf(type, viewer)}`)
  if (!viewer.follow.allowed) reasons.push(`Not live. ${viewer.follow.reason}`)
  element('unseen').hidden = reasons.length === 0
  fill(element('unseen'), 'li', reasons)
}

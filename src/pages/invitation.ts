import { hash } from 'node:crypto'
import type { ClosedReason } from '#domain/invitation.ts'
import { type LinkView, messageOf } from '#domain/linkView.ts'
import type { Sheet, Visit } from './pages.ts'
import type { Word } from './reader.ts'

/** What the reader has just tried on the page, and what to try with next. */
export interface Attempt {
  /** Tells the form on this page from all others. */
  nonce: string
  /** What they wrote, and what is wrong with it. */
  typed?: { value: string; fault: string } | undefined
  /** The portal that has just been opened. */
  opened?: { name: string; at: number } | undefined
  /** What has just been made: of the guest organization its name, and whatever was made, its key. */
  made?: { guestName?: string; apiKey: string | null } | undefined
}

type State =
  | 'OPEN'
  | 'DOORS'
  | 'SCHEDULED'
  | 'ACCEPTED'
  | Exclude<ClosedReason, 'NOT_YET_VALID' | 'ALREADY_ACCEPTED'>

/** What the page shows of the invitation, and of what was granted by it. */
function stateOf({ preview, grant }: LinkView): State {
  const closed = grant ? grant.closed : preview.closed
  if (!closed) return grant ? 'DOORS' : 'OPEN'
  if (closed.reason === 'NOT_YET_VALID') return 'SCHEDULED'
  return closed.reason === 'ALREADY_ACCEPTED' ? 'ACCEPTED' : closed.reason
}

const CONTINUES: readonly State[] = ['OPEN', 'DOORS', 'SCHEDULED', 'ACCEPTED']

/** Gone for now, where nothing more can be done with it. */
const statusOf = (view: LinkView) => (CONTINUES.includes(stateOf(view)) ? 200 : 410)

/** Tells apart what the page looks like before and after a change: a short text that holds nothing secret. */
export function digestOf(view: LinkView): string {
  const { preview, organization, portals } = view
  const state = stateOf(view)
  const { validFrom, expiresAt, usesRemaining, name, invitation } = preview
  // How often others may come is nothing to somebody who is in.
  const uses = state === 'OPEN' ? usesRemaining : null
  const shown = [state, validFrom, expiresAt, uses, name, invitation.version, organization.name, portals]
  return hash('sha256', JSON.stringify(shown)).slice(0, 16)
}

/** Whether there is a time to write into a calendar. */
export const hasWindow = (view: LinkView) =>
  view.preview.validFrom !== null &&
  view.preview.expiresAt !== null &&
  ['OPEN', 'DOORS', 'SCHEDULED'].includes(stateOf(view))

/** What stands behind a link, as its reader sees it. */
export function invitationSheet(visit: Visit, here: string, attempt: Attempt): Sheet {
  const { view, reader } = visit
  const { organization, preview } = view
  const { say } = reader
  const values = { organization: organization.name }
  const state = stateOf(view)
  const shared = {
    // Of a person's invitation it is their own name.
    name: preview.email === null ? preview.name : null,
    sender: preview.createdByName && say('invitedBy', { name: preview.createdByName }),
    message: messageOf(preview, reader.locales),
    facts: factsOf(visit, state),
    calendar: hasWindow(view) ? `${here}/calendar.ics` : null,
  }
  if (attempt.made) return keySheet(visit, attempt.made)
  const sheet = { status: attempt.typed ? 422 : statusOf(view), state: digestOf(view) }
  if (state === 'DOORS') {
    const title = say('doors')
    return {
      ...sheet,
      template: 'doors',
      title: `${title} · ${organization.name}`,
      data: { ...shared, heading: title, ...doorsOf(visit, here, attempt) },
    }
  }
  const heading = say(state === 'OPEN' ? 'invites' : state, values)
  return {
    ...sheet,
    template: 'invitation',
    greets: state === 'OPEN',
    title: state === 'OPEN' ? heading : `${heading} · ${organization.name}`,
    data: {
      ...shared,
      heading,
      tone: state === 'OPEN' ? 'open' : state === 'ACCEPTED' || state === 'SCHEDULED' ? 'calm' : 'over',
      text: state === 'OPEN' ? null : say(`${state}_text` as Word, values),
      invitation: say('invites', values),
      offer: say(preview.kind, values),
      role: roleOf(visit),
      portals: view.portals.map((portal) => portal.name),
      shows: state === 'OPEN' || state === 'SCHEDULED',
      signIn: state === 'OPEN' && !mayAccept(visit) ? say('SIGN_IN_text') : null,
      form: state === 'OPEN' && mayAccept(visit) ? formOf(visit, here, attempt) : null,
    },
  }
}

/** What the reader is to become; nobody invites an operator. */
function roleOf({ view: { preview }, reader: { say } }: Visit): string | null {
  const { role } = preview
  if (role === null || role === 'OPERATOR') return null
  return say('role', { role: say(role === 'GUEST' ? 'GUEST_ROLE' : role) })
}

/** A link that anybody may have passed on makes a member only of who has signed in. */
const mayAccept = ({ view, isPerson }: Visit) => view.preview.kind !== 'JOIN' || isPerson

/** When it is open, how often, and for whom. */
function factsOf({ view: { preview }, reader }: Visit, state: State) {
  const { say, time, number } = reader
  const at = (word: Word, instant: number | null) =>
    instant === null ? [] : [{ label: say(word), time: time(instant), value: null }]
  const uses =
    state === 'OPEN' && preview.usesRemaining !== null && ['ACCESS', 'JOIN'].includes(preview.kind)
      ? [{ label: say('usesLeft'), time: null, value: number(preview.usesRemaining) }]
      : []
  if (state === 'EXPIRED') return at('until', preview.expiresAt)
  if (!['OPEN', 'DOORS', 'SCHEDULED'].includes(state)) return []
  return [...at('from', preview.validFrom), ...at('until', preview.expiresAt), ...uses]
}

/** What each kind asks of who accepts: their name, or nothing. */
const fields: Partial<Record<string, { name: string; word: Word; autocomplete: string; required: boolean }>> =
  {
    ACCESS: { name: 'guestName', word: 'guestName', autocomplete: 'name', required: false },
    GUEST: {
      name: 'organizationName',
      word: 'organizationName',
      autocomplete: 'organization',
      required: true,
    },
  }

function formOf({ view: { preview }, reader: { say } }: Visit, here: string, { nonce, typed }: Attempt) {
  const field = fields[preview.kind]
  return {
    action: here,
    nonce,
    field: field
      ? { ...field, label: say(field.word), value: typed?.value ?? '', fault: typed?.fault ?? null }
      : null,
    note: preview.email && say('sentTo', { email: preview.email }),
    button: say(preview.kind === 'ACCESS' || preview.kind === 'GUEST' ? 'accept' : 'join'),
  }
}

function doorsOf({ view, reader }: Visit, here: string, { opened }: Attempt) {
  const { say, time } = reader
  return {
    action: `${here}/open`,
    doors: view.portals,
    guest: view.grant?.guestName ? say('nameLabel', { name: view.grant.guestName }) : null,
    opened: opened ? { text: say('opened', { portal: opened.name }), time: time(opened.at) } : null,
  }
}

/** What was made, with a key that this page alone shows: nothing may take the page away. */
function keySheet({ view, reader }: Visit, { guestName, apiKey }: NonNullable<Attempt['made']>): Sheet {
  const heading = reader.say('welcome')
  const organization = view.organization.name
  return {
    status: 200,
    template: 'key',
    title: `${heading} · ${organization}`,
    data: {
      heading,
      text:
        guestName === undefined
          ? reader.say('joined', { organization })
          : reader.say('connected', { guest: guestName, organization }),
      apiKey,
    },
    state: null,
  }
}

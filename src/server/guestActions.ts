import { InvalidInputError, InvitationClosedError, NotFoundError } from '#domain/errors.ts'
import {
  acceptGuestInvitationByForm,
  acceptInviteByForm,
  acceptMemberInvitationByForm,
  guestFormInput,
  inviteFormInput,
  memberFormInput,
} from '#domain/formAcceptance.ts'
import { joinOrganization } from '#domain/joining.ts'
import type { LinkView } from '#domain/linkView.ts'
import { openPortal, openPortalInput } from '#domain/portalOpening.ts'
import { readForm } from './forms.ts'
import { grantCookie } from './guestCookie.ts'
import type { Guest, GuestDesk } from './guestDesk.ts'

/** Accepts what is behind the link, as its form says. */
export async function acceptByForm(desk: GuestDesk, guest: Guest): Promise<Response> {
  const form = await formOf(desk, guest)
  if (form instanceof Response) return form
  const view = await desk.view(guest)
  if (!view) return desk.problem(guest, { kind: 'UNKNOWN' })
  // Another tab of this browser has accepted meanwhile: one guest, one use.
  if (view.grant && !view.grant.closed) return desk.back(guest)
  const nonce = form.get('nonce') ?? ''
  try {
    if (view.preview.kind === 'ACCESS') return await acceptAccess(desk, guest, view, form, nonce)
    if (view.preview.kind === 'GUEST') return await acceptGuest(desk, guest, view, form, nonce)
    if (view.preview.kind === 'MEMBER') return await acceptMember(desk, guest, view, nonce)
    await joinOrganization(desk.services.store, guest.viewer, { token: guest.token })
    return desk.invitation(guest, view, { made: { apiKey: null } })
  } catch (error) {
    if (error instanceof InvitationClosedError) return closed(desk, guest)
    if (error instanceof InvalidInputError) return refused(desk, guest, view, form, error)
    throw error
  }
}

async function acceptAccess(
  desk: GuestDesk,
  guest: Guest,
  view: LinkView,
  form: URLSearchParams,
  nonce: string,
) {
  const { token, viewer } = guest
  const { store } = desk.services
  const guestName = form.get('guestName')?.trim() || null
  const input = parsed(inviteFormInput.safeParse({ token, guestName, nonce }))
  const grantToken = await acceptInviteByForm(store, viewer, input)
  const { expiresAt } = view.preview
  const left = expiresAt === null ? null : Math.max(expiresAt - store.now(), 0)
  const isSecure = desk.publicUrl.startsWith('https:')
  return desk.back(guest, { 'set-cookie': grantCookie(grantToken, desk.pathOf(token), isSecure, left) })
}

async function acceptGuest(
  desk: GuestDesk,
  guest: Guest,
  view: LinkView,
  form: URLSearchParams,
  nonce: string,
) {
  const { token, viewer } = guest
  const organizationName = form.get('organizationName') ?? ''
  const input = parsed(guestFormInput.safeParse({ token, organizationName, nonce }))
  const made = await acceptGuestInvitationByForm(desk.services.store, viewer, input)
  return desk.invitation(guest, view, { made })
}

async function acceptMember(desk: GuestDesk, guest: Guest, view: LinkView, nonce: string) {
  const { token, viewer } = guest
  const input = parsed(memberFormInput.safeParse({ token, nonce }))
  const apiKey = await acceptMemberInvitationByForm(desk.services.store, viewer, input)
  return desk.invitation(guest, view, { made: { apiKey } })
}

/** Opens a portal with what was granted to this browser, and shows the answer. */
export async function openByForm(desk: GuestDesk, guest: Guest): Promise<Response> {
  const form = await formOf(desk, guest)
  if (form instanceof Response) return form
  const { store } = desk.services
  const view = await desk.view(guest)
  if (!view) return desk.problem(guest, { kind: 'UNKNOWN' })
  const grantToken = view.grant?.token
  const { data } = openPortalInput.safeParse({ grantToken, portalId: form.get('portalId') })
  if (!data) return desk.problem(guest, { kind: 'NOT_GRANTED' })
  try {
    const { portal, openedAt } = await openPortal(store, guest.viewer, data)
    return desk.invitation(guest, view, { opened: { name: portal.name, at: openedAt } })
  } catch (error) {
    if (error instanceof InvitationClosedError) return closed(desk, guest)
    if (error instanceof NotFoundError) return desk.problem(guest, { kind: 'NOT_GRANTED' })
    throw error
  }
}

async function formOf(desk: GuestDesk, guest: Guest): Promise<URLSearchParams | Response> {
  const form = await readForm(guest.request, desk.publicUrl)
  if (form instanceof URLSearchParams) return form
  if (form === 'CROSS_SITE') return desk.problem(guest, { kind: form })
  return desk.problem(guest, { kind: 'BAD_FORM', status: form })
}

/** The page as it is now: it says why nothing was done. */
async function closed(desk: GuestDesk, guest: Guest): Promise<Response> {
  const view = await desk.view(guest)
  if (!view) return desk.problem(guest, { kind: 'UNKNOWN' })
  const page = desk.invitation(guest, view)
  return page.ok ? desk.invitation(guest, view, {}, 409) : page
}

/** The form again, with what was typed, and what is wrong with it. */
function refused(
  desk: GuestDesk,
  guest: Guest,
  view: LinkView,
  form: URLSearchParams,
  error: InvalidInputError,
) {
  const { say, language } = guest.reader
  const issue = error.issues.find(({ path }) => ['guestName', 'organizationName'].includes(path[0] ?? ''))
  if (!issue) {
    const isForm = error.issues.some(({ path }) => path[0] === 'nonce')
    return isForm
      ? desk.problem(guest, { kind: 'BAD_FORM', status: 400 })
      : desk.problem(guest, { kind: 'REFUSED', status: 422, detail: error.message })
  }
  const value = form.get(issue.path[0] ?? '') ?? ''
  // The domain speaks English.
  const fault = language === 'en' ? issue.message : say('nameRefused')
  return desk.invitation(guest, view, { typed: { value, fault }, nonce: form.get('nonce') ?? '' })
}

interface Parsed<Input> {
  data?: Input | undefined
  error?: { issues: { path: PropertyKey[]; message: string }[] } | undefined
}

function parsed<Input>({ data, error }: Parsed<Input>): Input {
  if (data !== undefined) return data
  throw new InvalidInputError(
    (error?.issues ?? []).map(({ path, message }) => ({ path: path.map(String), message })),
  )
}

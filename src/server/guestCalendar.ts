import { type LinkView, messageOf } from '#domain/linkView.ts'
import { calendarOf } from '#pages/calendar.ts'
import { hasWindow } from '#pages/invitation.ts'
import type { Guest, GuestDesk } from './guestDesk.ts'

/** The time of an invitation for a calendar; the page of the invitation where it has none, or is over. */
export function calendarOfLink(desk: GuestDesk, guest: Guest, view: LinkView): Response {
  const { preview, organization } = view
  const { validFrom: start, expiresAt: end, invitation } = preview
  if (start === null || end === null || !hasWindow(view)) return desk.invitation(guest, view, {}, 404)
  const { reader, token, request } = guest
  const file = calendarOf({
    uid: `${invitation.id}@${new URL(desk.publicUrl).hostname}`,
    stamp: desk.services.store.now(),
    sequence: invitation.version,
    start,
    end,
    summary: preview.name ?? reader.say('invites', { organization: organization.name }),
    description: messageOf(preview, reader.locales)?.text ?? '',
    url: `${desk.publicUrl}/invite/${token}`,
  })
  return new Response(request.method === 'HEAD' ? null : file, {
    headers: {
      'content-type': 'text/calendar; charset=utf-8',
      'content-disposition': 'attachment; filename="invitation.ics"',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex, nofollow',
    },
  })
}

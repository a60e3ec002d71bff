import type { GuestInvitation, Invite } from '#db/tables.ts'
import { authorize, type Viewer } from './access.ts'
import { Refusal } from './errors.ts'
import { followLog, type LogFollower } from './follow.ts'
import { guestInvitationStatus } from './guestInvitation.ts'
import type { InvitationStatus } from './invitation.ts'
import { inviteStatus } from './invite.ts'
import { cursorOf } from './log.ts'
import { findByIds } from './lookup.ts'
import type { Store } from './store.ts'

/** A status that an invitation has come to, and where in the log that stands. */
export interface StatusChange {
  invitationId: string
  cursor: string
}

/** The status of an access invite: now, and whenever it changes. */
export function followInviteStatus(store: Store, viewer: Viewer, id: string) {
  authorize(viewer, 'invite:read')
  return followStatus(store, viewer, id, async () => {
    const [invite] = await findByIds<Invite>(store, viewer, 'invites', [id])
    return invite && { organizationId: invite.organization_id, status: inviteStatus(invite, store.now()) }
  })
}

/** The status of a guest invitation: now, and whenever it changes. */
export function followGuestInvitationStatus(store: Store, viewer: Viewer, id: string) {
  authorize(viewer, 'guestInvitation:read')
  return followStatus(store, viewer, id, async () => {
    const [invitation] = await findByIds<GuestInvitation>(store, viewer, 'guest_invitations', [id])
    return (
      invitation && {
        organizationId: invitation.organization_id,
        status: guestInvitationStatus(invitation, store.now()),
      }
    )
  })
}

type Current = { organizationId: string; status: InvitationStatus } | null | undefined

async function followStatus(store: Store, viewer: Viewer, id: string, read: () => Promise<Current>) {
  const organizationId = (await read())?.organizationId
  if (!organizationId)
    throw new Refusal('NOT_FOUND', 'There is no such invitation, or it is not yours to follow.')
  const events = await followLog(store, viewer, { organizationId, invitationIds: [id] })
  // Read again once the log's head is known: what changes from here on is an event.
  const status = (await read())?.status
  return new StatusFollower(events, id, status)
}

class StatusFollower implements AsyncIterableIterator<StatusChange> {
  readonly #events: LogFollower
  readonly #invitationId: string
  #status: string | undefined
  #begun = false

  constructor(events: LogFollower, invitationId: string, status: string | undefined) {
    this.#events = events
    this.#invitationId = invitationId
    this.#status = status
  }

  [Symbol.asyncIterator]() {
    return this
  }

  async next(): Promise<IteratorResult<StatusChange>> {
    if (!this.#begun) {
      this.#begun = true
      return { done: false, value: { invitationId: this.#invitationId, cursor: this.#events.cursor } }
    }
    for (;;) {
      const { done, value: event } = await this.#events.next()
      if (done) return { done: true, value: undefined }
      if (event.status !== this.#status) {
        this.#status = event.status
        return { done: false, value: { invitationId: this.#invitationId, cursor: cursorOf(event) } }
      }
    }
  }

  async return(): Promise<IteratorResult<StatusChange>> {
    await this.#events.return()
    return { done: true, value: undefined }
  }
}

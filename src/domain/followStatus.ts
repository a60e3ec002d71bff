import type { GuestInvitation, Invite, MemberInvitation } from '#db/tables.ts'
import { authorize, type Viewer } from './access.ts'
import { Refusal } from './errors.ts'
import { followLog } from './follow.ts'
import { guestInvitationStatus } from './guestInvitation.ts'
import type { InvitationStatus } from './invitation.ts'
import { inviteStatus } from './invite.ts'
import type { LogFollower } from './logFollower.ts'
import { findByIds } from './lookup.ts'
import { memberInvitationStatus } from './memberInvitation.ts'
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

/** The status of a member invitation: now, and whenever it changes. */
export function followMemberInvitationStatus(store: Store, viewer: Viewer, id: string) {
  authorize(viewer, 'memberInvitation:read')
  return followStatus(store, viewer, id, async () => {
    const [invitation] = await findByIds<MemberInvitation>(store, viewer, 'member_invitations', [id])
    return (
      invitation && {
        organizationId: invitation.organization_id,
        status: memberInvitationStatus(invitation, store.now()),
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
  return new StatusFollower(events, id, async () => (await read())?.status)
}

/** Tells each status once: those that came and went while its consumer was busy are passed over. */
class StatusFollower implements AsyncIterableIterator<StatusChange> {
  readonly #events: LogFollower
  readonly #invitationId: string
  readonly #read: () => Promise<InvitationStatus | undefined>
  #told: InvitationStatus | undefined | null = null

  constructor(events: LogFollower, invitationId: string, read: () => Promise<InvitationStatus | undefined>) {
    this.#events = events
    this.#invitationId = invitationId
    this.#read = read
  }

  [Symbol.asyncIterator]() {
    return this
  }

  async next(): Promise<IteratorResult<StatusChange>> {
    try {
      // The head of the log is known before the first read: what changes from then on is an event.
      while (this.#told === null || !(await this.#events.next()).done) {
        const status = await this.#read()
        if (status === this.#told) continue
        this.#told = status
        return { done: false, value: { invitationId: this.#invitationId, cursor: this.#events.cursor } }
      }
    } catch (error) {
      await this.return()
      throw error
    }
    return { done: true, value: undefined }
  }

  async return(): Promise<IteratorResult<StatusChange>> {
    await this.#events.return()
    return { done: true, value: undefined }
  }
}

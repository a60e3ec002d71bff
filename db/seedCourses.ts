import type { NewRow } from './tables.ts'

/** When everything seeded begins; what has ended by now has ended in the year after. */
export const START = Date.UTC(2025, 0, 1)
/** How far away the ends of what is still open are: nothing seeded becomes due before 2040. */
const FAR = Date.UTC(2040, 0, 1) - START
const HOUR = 3_600_000
const DAY = 24 * HOUR

type Event = Pick<NewRow<'invitation_events'>, 'type' | 'status' | 'previous_status' | 'occurred_at'>

/** What became of an invitation: its columns, and how the log tells it. */
export interface Course<Columns> {
  columns: Columns
  events: Event[]
}

type Random = () => number
type InviteColumns = Pick<
  NewRow<'invites'>,
  'valid_from' | 'valid_to' | 'max_uses' | 'uses' | 'revoked_at' | 'due_at' | 'updated_at'
>
type GuestColumns = Pick<
  NewRow<'guest_invitations'>,
  'expires_at' | 'accepted_at' | 'accepted_via' | 'revoked_at' | 'due_at' | 'closed' | 'updated_at'
>

const event = (type: string, status: string, previous_status: string | null, occurred_at: number): Event => ({
  type,
  status,
  previous_status,
  occurred_at,
})
const created = (status: string, at: number) => event('CREATED', status, null, at)
const used = (at: number) => event('USED', 'PENDING', 'PENDING', at)

/** Open to the end of time, with some of its uses spent. */
function open(random: Random, at: number): Course<InviteColumns> {
  const uses = Math.max(0, Math.floor(random() * 6) - 2)
  const max_uses = random() < 0.3 ? 5 : null
  const spent = Array.from({ length: uses }, (_, index) => used(at + (index + 1) * HOUR))
  return course({ valid_from: at, valid_to: at + FAR, max_uses, uses, due_at: at + FAR }, [
    created('PENDING', at),
    ...spent,
  ])
}

const scheduled = (_random: Random, at: number) =>
  course({ valid_from: at + FAR, valid_to: at + FAR + 7 * DAY, due_at: at + FAR }, [created('SCHEDULED', at)])

function expired(random: Random, at: number) {
  const end = at + Math.ceil(random() * 14) * DAY
  return course({ valid_from: at, valid_to: end }, [
    created('PENDING', at),
    event('EXPIRED', 'EXPIRED', 'PENDING', end),
  ])
}

const openedAndExpired = (_random: Random, at: number) =>
  course({ valid_from: at + DAY, valid_to: at + 2 * DAY }, [
    created('SCHEDULED', at),
    event('OPENED', 'PENDING', 'SCHEDULED', at + DAY),
    event('EXPIRED', 'EXPIRED', 'PENDING', at + 2 * DAY),
  ])

const revoked = (_random: Random, at: number) =>
  course({ valid_from: at, valid_to: at + FAR, revoked_at: at + DAY }, [
    created('PENDING', at),
    event('REVOKED', 'REVOKED', 'PENDING', at + DAY),
  ])

const exhausted = (_random: Random, at: number) =>
  course({ valid_from: at, valid_to: at + FAR, max_uses: 1, uses: 1, due_at: at + FAR }, [
    created('PENDING', at),
    used(at + HOUR),
    event('EXHAUSTED', 'EXHAUSTED', 'PENDING', at + HOUR),
  ])

function course(
  columns: Partial<InviteColumns> & Pick<InviteColumns, 'valid_from' | 'valid_to'>,
  events: Event[],
): Course<InviteColumns> {
  const updated_at = events.findLast(
    ({ type }) => type === 'USED' || type === 'REVOKED' || type === 'CREATED',
  )
  return {
    columns: {
      max_uses: null,
      uses: 0,
      revoked_at: null,
      due_at: null,
      updated_at: updated_at?.occurred_at ?? START,
      ...columns,
    },
    events,
  }
}

/** One of the courses that an invite may take, each with its share. */
export function inviteCourseOf(random: Random, at: number): Course<InviteColumns> {
  const lot = random()
  if (lot < 0.55) return open(random, at)
  if (lot < 0.6) return scheduled(random, at)
  if (lot < 0.8) return expired(random, at)
  if (lot < 0.85) return openedAndExpired(random, at)
  return lot < 0.95 ? revoked(random, at) : exhausted(random, at)
}

/** The same for a guest invitation; it is accepted only where there is another organization. */
export function guestCourseOf(random: Random, at: number, acceptable: boolean): Course<GuestColumns> {
  const untouched = { accepted_at: null, accepted_via: null, revoked_at: null, updated_at: at }
  const end = at + 30 * DAY
  const settled = { ...untouched, expires_at: end, due_at: null, closed: 1 }
  const told = (type: string, when: number) => [created('PENDING', at), event(type, type, 'PENDING', when)]
  const lot = random()
  if (lot < 0.2) return { columns: settled, events: told('EXPIRED', end) }
  const change = at + DAY
  if (lot < 0.3) {
    const columns = { ...settled, revoked_at: change, updated_at: change }
    return { columns, events: told('REVOKED', change) }
  }
  if (lot < 0.6 && acceptable) {
    const columns = { ...settled, accepted_at: change, accepted_via: 'GUEST', updated_at: change }
    return { columns, events: told('ACCEPTED', change) }
  }
  const columns = { ...untouched, expires_at: at + FAR, due_at: at + FAR, closed: 0 }
  return { columns, events: [created('PENDING', at)] }
}

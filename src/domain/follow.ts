import { authorize, maySee, targetOf, type Viewer } from './access.ts'
import { Refusal } from './errors.ts'
import type { EventType } from './invitation.ts'
import { positionOf } from './log.ts'
import { LogFollower, type Wanted } from './logFollower.ts'
import type { Store } from './store.ts'

export interface FollowOptions extends Wanted {
  /** The one that the call is for if left out. */
  organizationId?: string | null | undefined
  /** Where to go on from; without it, only what happens from now on. */
  after?: string | null | undefined
  types?: readonly EventType[] | null | undefined
}

/**
 * The organization's events from a cursor on: first what was missed, then each as it happens, with no gap
 * and no repeat. The follower pulls from the log when its consumer asks for more; what it has not read
 * waits in the database, so that a slow or stopped consumer costs no memory.
 */
export async function followLog(store: Store, viewer: Viewer, options: FollowOptions) {
  authorize(viewer, 'event:read')
  const organizationId = options.organizationId ?? targetOf(viewer)
  if (!maySee(viewer, 'event:read', organizationId)) {
    throw new Refusal('NOT_FOUND', 'There is no such organization, or it is not yours to follow.')
  }
  const head = await headOf(store, organizationId)
  const position = options.after == null ? head : await positionOf(store, organizationId, options.after)
  return new LogFollower(store, viewer, organizationId, position, options, position < head)
}

/** The number of the newest event of an organization's log. */
export async function headOf(store: Store, organizationId: string): Promise<number> {
  const organization = await store.db
    .selectFrom('organizations')
    .select('last_sequence')
    .where('id', '=', organizationId)
    .executeTakeFirstOrThrow()
  return organization.last_sequence
}

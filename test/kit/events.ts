import { setImmediate } from 'node:timers/promises'
import { vi } from 'vitest'
import { cursorOf } from '#domain/log.ts'
import type { Store } from '#domain/store.ts'
import type { Reader } from '#domain/wakeups.ts'
import { type House, invite } from './story.ts'

export const EVENTS = `subscription ($after: String, $ids: [ID!], $types: [InvitationEventType!], $organizationId: ID) {
  invitationEvents(after: $after, invitationIds: $ids, types: $types, organizationId: $organizationId) {
    cursor sequence type status previousStatus invitation { id status }
  }
}`

/** The least that a subscriber can ask for. */
export const SEQUENCES = `subscription ($after: String) { invitationEvents(after: $after) { sequence cursor } }`

/** The cursor of a place in an organization's log, 0 for its start. */
export const cursorAt = (organizationId: string, sequence: number) =>
  cursorOf({ organization_id: organizationId, sequence })

/** Creates an invite and adds so many events that change nothing to its log, in transactions of a size. */
export async function fillLog(store: Store, of: House, count: number, size = 500) {
  const { id: invitationId } = await invite(of)
  for (let left = count; left > 0; left -= size) {
    await store.write(async (tx) => {
      for (let i = 0; i < Math.min(left, size); i++) {
        tx.record({
          organizationId: of.id,
          invitationId,
          type: 'UPDATED',
          status: 'PENDING',
          previousStatus: 'PENDING',
        })
      }
    })
    await setImmediate()
  }
  return invitationId
}

/** The whole numbers from one to another, both included. */
export const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** How many follow a log of this store from now on, whenever it is asked. */
export function countFollowers({ wakeups }: Store) {
  const followers = new Set<Reader>()
  const listen = wakeups.listen.bind(wakeups)
  vi.spyOn(wakeups, 'listen').mockImplementation((organizationId, wake) => {
    const stop = listen(organizationId, wake)
    followers.add(wake)
    return () => {
      followers.delete(wake)
      stop()
    }
  })
  return () => followers.size
}

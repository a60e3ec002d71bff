import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { estate } from '../kit/estate.ts'
import { goodInputs } from '../kit/mutations.ts'
import { does } from './changing.ts'

/** The event that each leaves in the log. */
const EVENTS: Record<string, string> = {
  createInvites: 'CREATED',
  updateInvite: 'UPDATED',
  regenerateInviteToken: 'UPDATED',
  restoreInvite: 'RESTORED',
  createGuestInvitations: 'CREATED',
  updateGuestInvitation: 'UPDATED',
  resendGuestInvitation: 'UPDATED',
  archiveGuestInvitation: 'ARCHIVED',
  unarchiveGuestInvitation: 'UNARCHIVED',
}

const NEWEST = `{ organization {
  eventCursor
  activities(first: 1) { edges { node { type status subjectIds } } }
} }`
const SINCE = `query ($after: String) { organization { invitationEvents(after: $after) {
  edges { node { type invitation { id } actor { ... on ApiKey { id } } } } } } }`

test('every change leaves one event, with who did it, and one activity that names the same thing', async () => {
  const app = await testApp()
  const acme = await estate(app)
  for (const [mutation, type] of Object.entries(EVENTS)) {
    const { organization: before } = await acme.ask(NEWEST)
    await does(acme.ask, mutation, goodInputs(acme)[mutation] ?? {})
    const { organization: log } = await acme.ask(SINCE, { after: before.eventCursor })
    const { organization: after } = await acme.ask(NEWEST)
    const [{ node: event }] = log.invitationEvents.edges
    expect(log.invitationEvents.edges, mutation).toHaveLength(1)
    expect(event, mutation).toMatchObject({ type, actor: { id: acme.keyId } })
    expect(after.activities.edges[0].node, mutation).toEqual({
      ...{ type: mutation.replace(/[A-Z]/g, '_$&').toUpperCase(), status: 'COMPLETED' },
      subjectIds: [event.invitation.id],
    })
  }
})

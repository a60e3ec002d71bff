import { z } from 'zod'
import type { Viewer } from './access.ts'
import { type Batch, performBatch } from './batch.ts'
import { bulkRows, idempotencyKey, parsedRow } from './inputs.ts'
import {
  insertMemberInvitation,
  memberInvitationRow,
  type SentMemberInvitation,
  sentEarlier,
} from './memberInvitationCreation.ts'
import type { Store } from './store.ts'

export const createMemberInvitationsInput = z.object({
  invitations: bulkRows('invitations'),
  atomic: z.boolean().nullish(),
  sendEmail: z.boolean().nullish(),
  idempotencyKey,
})
export type CreateMemberInvitationsInput = z.infer<typeof createMemberInvitationsInput>

/** Invites several people in one call, each done or refused by itself. */
export function createMemberInvitations(
  store: Store,
  viewer: Viewer,
  { idempotencyKey: key, ...input }: CreateMemberInvitationsInput,
): Promise<Batch<SentMemberInvitation>> {
  return performBatch<unknown, SentMemberInvitation>(
    store,
    viewer,
    'memberInvitation:create',
    { type: 'CREATE_MEMBER_INVITATIONS', intent: input, idempotencyKey: key },
    {
      rows: input.invitations,
      atomic: input.atomic ?? false,
      path: 'invitations',
      make: (tx, actor, row) =>
        insertMemberInvitation(tx, actor, parsedRow(memberInvitationRow, row), input.sendEmail ?? true),
      idOf: ({ memberInvitation }) => memberInvitation.id,
      replayOf: sentEarlier,
    },
  )
}

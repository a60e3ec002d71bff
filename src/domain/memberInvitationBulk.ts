import { z } from 'zod'
import type { Viewer } from './access.ts'
import { type Batch, performBatch } from './batch.ts'
import { idempotencyKey, invalidInput } from './inputs.ts'
import {
  insertMemberInvitation,
  memberInvitationRow,
  type SentMemberInvitation,
  sentEarlier,
} from './memberInvitationCreation.ts'
import type { Store } from './store.ts'

const MAX_ROWS = 100

export const createMemberInvitationsInput = z.object({
  // Each row is checked by itself, so that a bad one is refused alone.
  invitations: z
    .array(z.custom<z.input<typeof memberInvitationRow>>())
    .min(1, 'invitations must hold at least one.')
    .max(MAX_ROWS, `invitations must hold at most ${MAX_ROWS}.`),
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
  return performBatch<z.input<typeof memberInvitationRow>, SentMemberInvitation>(
    store,
    viewer,
    'memberInvitation:create',
    { type: 'CREATE_MEMBER_INVITATIONS', intent: input, idempotencyKey: key },
    {
      rows: input.invitations,
      atomic: input.atomic ?? false,
      path: 'invitations',
      make: (tx, actor, unchecked) =>
        insertMemberInvitation(tx, actor, checked(unchecked), input.sendEmail ?? true),
      idOf: ({ memberInvitation }) => memberInvitation.id,
      replayOf: sentEarlier,
    },
  )
}

function checked(unchecked: unknown) {
  const { data, error } = memberInvitationRow.safeParse(unchecked)
  if (error) throw invalidInput(error, '')
  return data
}

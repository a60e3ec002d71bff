import { z } from 'zod'
import type { Viewer } from './access.ts'
import { ConflictError, InvitationClosedError } from './errors.ts'
import { acceptInvite, acceptInviteInput } from './grant.ts'
import { acceptGuestInvitation, acceptGuestInvitationInput } from './guestAcceptance.ts'
import { acceptMemberInvitation } from './memberInvitationAcceptance.ts'
import { hashSecret, secretOfForm } from './secrets.ts'
import type { Store } from './store.ts'

// A browser sends a form twice where it is clicked twice, and shows only the second answer. What a form makes
// is therefore the same each time: the secret in the second answer is the one in the first.

/** How long after its first answer a form that was sent again still shows the key that it made. */
const SHOWN_AGAIN_MS = 10 * 60_000

/** 32 random bytes: what tells one form from the others. */
const nonce = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

export const inviteFormInput = acceptInviteInput.omit({ idempotencyKey: true }).extend({ nonce })

/** Accepts an access invite, once however often the form is sent; answers with the secret of its grant. */
export async function acceptInviteByForm(
  store: Store,
  viewer: Viewer,
  { token, guestName, nonce }: z.infer<typeof inviteFormInput>,
): Promise<string> {
  const grantToken = secretOfForm('grant', token, nonce)
  // The call's own memory is shorter than a page may stay open.
  if (await isGranted(store, grantToken)) return grantToken
  const input = { token, guestName, idempotencyKey: hashSecret(nonce) }
  await acceptInvite(store, viewer, input, grantToken).catch((error: unknown) => {
    // Sent again with another name: the grant is there, and keeps its first.
    if (!(error instanceof ConflictError)) throw error
  })
  return grantToken
}

/** Whether the same form has made this grant already. */
async function isGranted({ db }: Store, grantToken: string): Promise<boolean> {
  const grants = db.selectFrom('access_grants').select('id').where('token_hash', '=', hashSecret(grantToken))
  return (await grants.executeTakeFirst()) !== undefined
}

export const guestFormInput = acceptGuestInvitationInput.extend({ nonce })

/** The guest organization, and its first key; null where an organization joined that was there already. */
export interface FormGuest {
  guestName: string
  apiKey: string | null
}

/** Accepts a guest invitation, once however often the form is sent. */
export async function acceptGuestInvitationByForm(
  store: Store,
  viewer: Viewer,
  { token, organizationName, nonce }: z.infer<typeof guestFormInput>,
): Promise<FormGuest> {
  const firstKey = secretOfForm('apiKey', token, nonce)
  try {
    const accepted = await acceptGuestInvitation(store, viewer, { token, organizationName }, firstKey)
    return { guestName: accepted.organization.name, apiKey: accepted.apiKey }
  } catch (error) {
    if (!(error instanceof InvitationClosedError && error.reason === 'ALREADY_ACCEPTED')) throw error
    const guestName = await madeLately(store, firstKey)
    if (guestName === undefined) throw error
    return { guestName, apiKey: firstKey }
  }
}

export const memberFormInput = z.object({ token: z.string(), nonce })

/** Accepts a member invitation; answers with the member's first key, null where they use none. */
export async function acceptMemberInvitationByForm(
  store: Store,
  viewer: Viewer,
  { token, nonce }: z.infer<typeof memberFormInput>,
): Promise<string | null> {
  const firstKey = secretOfForm('apiKey', token, nonce)
  const { apiKey } = await acceptMemberInvitation(store, viewer, { token }, firstKey)
  return apiKey ?? ((await madeLately(store, firstKey)) === undefined ? null : firstKey)
}

/** The name of the organization for which the same form has just made this key. */
async function madeLately(store: Store, key: string): Promise<string | undefined> {
  const made = await store.db
    .selectFrom('api_keys')
    .innerJoin('organizations', 'organizations.id', 'api_keys.organization_id')
    .select('organizations.name')
    .where('hash', '=', hashSecret(key))
    .where('revoked_at', 'is', null)
    .where('api_keys.created_at', '>', store.now() - SHOWN_AGAIN_MS)
    .executeTakeFirst()
  return made?.name
}

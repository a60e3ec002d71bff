import { sql } from 'kysely'
import type { NewRow, User } from '#db/tables.ts'
import { newId } from './ids.ts'
import type { Tx } from './store.ts'

/** The issuer of those whom only a token has vouched for: no identity provider has this one. */
const NOBODY_YET = ''

/** The condition that a user's address is known to be theirs: a provider said so, or their mailbox got a token. */
export const hasProvedAddress = sql<boolean>`(users.issuer <> ${NOBODY_YET} or users.subject = users.email_key)`

/** Whether the user came by a token that was handed to them, which says nothing of the address. */
export const isUnproved = ({ issuer, subject, email_key }: User) =>
  issuer === NOBODY_YET && subject !== email_key

/**
 * The user whose mailbox got a token: one who has signed in with the address, verified, before one who has
 * not signed in yet; made where there is neither.
 */
export const userOfMailbox = async (tx: Tx, addressed: Addressed): Promise<User> =>
  (await tx.db
    .selectFrom('users')
    .selectAll()
    .where('email_key', '=', addressed.email_key)
    .where(hasProvedAddress)
    .orderBy((eb) => eb('issuer', '=', NOBODY_YET))
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()) ?? insertUser(tx, addressed.email_key, addressed)

/**
 * A user of this invitation's own, for whoever accepts by a token that others have seen. Whether somebody has
 * the address changes nothing: the answer must not tell, and theirs must not be touched.
 */
export const userOfInvitation = (tx: Tx, invitation: Addressed & { id: string }): Promise<User> =>
  insertUser(tx, invitation.id, invitation)

type Addressed = { email: string; email_key: string; name: string | null }

const insertUser = (tx: Tx, subject: string, { email, email_key, name }: Addressed): Promise<User> =>
  tx.db
    .insertInto('users')
    .values({
      ...{ id: newId('User'), issuer: NOBODY_YET, subject, email, email_key, name },
      created_at: tx.now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()

/**
 * The user whom an identity provider vouches for, made or brought up to date. With a verified address they
 * are, from now on, also whoever accepted by a token that came to it: in one transaction, so that two who
 * sign in at once do not both become that one.
 */
export async function signedInUser(tx: Tx, identity: NewRow<'users'>): Promise<User> {
  const waiting = await waitingFor(tx, identity.email_key)
  const { issuer, subject, email, email_key, name } = identity
  if (waiting && !(await isKnown(tx, identity))) {
    return tx.db
      .updateTable('users')
      .set({ issuer, subject, email, name: name ?? waiting.name })
      .where('id', '=', waiting.id)
      .returningAll()
      .executeTakeFirstOrThrow()
  }
  const user = await tx.db
    .insertInto('users')
    .values(identity)
    .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doUpdateSet({ email, email_key, name }))
    .returningAll()
    .executeTakeFirstOrThrow()
  if (waiting) await hand(tx, waiting.id, user.id)
  return user
}

/** Whoever has this address by a token that came to it, and has not signed in yet. */
const waitingFor = async (tx: Tx, emailKey: string | null | undefined) =>
  emailKey == null
    ? undefined
    : tx.db
        .selectFrom('users')
        .selectAll()
        .where('issuer', '=', NOBODY_YET)
        .where('subject', '=', emailKey)
        .executeTakeFirst()

const isKnown = (tx: Tx, { issuer, subject }: Pick<User, 'issuer' | 'subject'>) =>
  tx.db
    .selectFrom('users')
    .select('id')
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirst()

/** Gives one user what another came to; where both are or were members, each keeps what is theirs. */
async function hand(tx: Tx, from: string, to: string) {
  const moved = await tx.db
    .updateTable('memberships')
    .set({ user_id: to })
    .where('user_id', '=', from)
    .where('organization_id', 'not in', (eb) =>
      eb.selectFrom('memberships as own').select('own.organization_id').where('own.user_id', '=', to),
    )
    .returning('organization_id')
    .execute()
  for (const { organization_id } of moved) await handDependents(tx, from, to, organization_id)
}

/** Gives one user the keys that another made for the organization, and the invitations that they accepted. */
export async function handDependents(tx: Tx, from: string, to: string, organizationId: string) {
  await tx.db
    .updateTable('api_keys')
    .set({ created_by: to })
    .where('created_by', '=', from)
    .where('organization_id', '=', organizationId)
    .execute()
  await tx.db
    .updateTable('member_invitations')
    .set({ user_id: to })
    .where('user_id', '=', from)
    .where('organization_id', '=', organizationId)
    .execute()
}

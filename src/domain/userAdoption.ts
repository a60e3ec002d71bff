import type { NewRow, User } from '#db/tables.ts'
import { newId } from './ids.ts'
import type { Tx } from './store.ts'

/** The issuer of those whom only a token has vouched for: no identity provider has this one. */
const NOBODY_YET = ''

/** The user whose address a token has proved, since it came to it by mail; made where nobody has it. */
export async function userOfMailbox(
  tx: Tx,
  { email, email_key, name }: { email: string; email_key: string; name: string | null },
): Promise<User> {
  const known = await tx.db
    .selectFrom('users')
    .selectAll()
    .where('email_key', '=', email_key)
    // One who has signed in before one who has not yet.
    .orderBy((eb) => eb('issuer', '=', NOBODY_YET))
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (known) return known
  return tx.db
    .insertInto('users')
    .values({
      id: newId('User'),
      issuer: NOBODY_YET,
      subject: email_key,
      email,
      email_key,
      name,
      created_at: tx.now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

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

/** Whoever has this address by a token, and has not signed in yet. */
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
  const organizationIds = moved.map((membership) => membership.organization_id)
  if (organizationIds.length === 0) return
  await tx.db
    .updateTable('api_keys')
    .set({ created_by: to })
    .where('created_by', '=', from)
    .where('organization_id', 'in', organizationIds)
    .execute()
  await tx.db
    .updateTable('member_invitations')
    .set({ user_id: to })
    .where('user_id', '=', from)
    .where('organization_id', 'in', organizationIds)
    .execute()
}

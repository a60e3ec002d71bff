import { expect, test } from 'vitest'
import { insertApiKey } from '#domain/apiKey.ts'
import { nodesOf } from '../identity/people.ts'
import { activities } from '../identity/records.ts'
import { inviter, rowsIn } from './inviting.ts'

/** A hundred rows, some of which cannot be done; the address of row 50 is a member's. */
function hundred() {
  const rows: Record<string, unknown>[] = Array.from({ length: 100 }, (_, number) => ({
    email: `p${number}@example.com`,
    name: `Person ${number}`,
    tags: ['batch'],
  }))
  Object.assign(rows[3] as object, { email: 'not an address' })
  Object.assign(rows[10] as object, { email: 'P9@example.com' })
  Object.assign(rows[20] as object, { role: 'OPERATOR' })
  Object.assign(rows[30] as object, { name: ' ', expiresAt: '2001-01-01T00:00:00Z' })
  Object.assign(rows[31] as object, { tags: ['ok', 'x'.repeat(51)], email: '@' })
  Object.assign(rows[40] as object, { email: 'open@example.com' })
  Object.assign(rows[50] as object, { email: 'MEMBER@example.com' })
  return rows
}

const refusals = (id: string, membershipId: string) => ({
  3: { __typename: 'InvalidInputError', issues: [{ path: ['invitations', '3', 'email'] }] },
  10: { __typename: 'ConflictError', message: expect.stringMatching(/resend/) },
  20: { __typename: 'InvalidInputError', issues: [{ path: ['invitations', '20', 'role'] }] },
  30: { __typename: 'InvalidInputError', issues: [{ path: ['invitations', '30', 'name'] }] },
  31: {
    __typename: 'InvalidInputError',
    issues: [{ path: ['invitations', '31', 'tags', '1'] }, { path: ['invitations', '31', 'email'] }],
  },
  40: { __typename: 'ConflictError', current: { __typename: 'MemberInvitation', id } },
  50: { __typename: 'ConflictError', current: { __typename: 'Membership', id: membershipId } },
})

async function prepared() {
  const setup = await inviter()
  const { id } = await setup.invite('open@example.com')
  const joined = await setup.accept({ token: (await setup.invite('member@example.com')).token })
  return { ...setup, expected: refusals(id, joined.membership.id) }
}

test('of a hundred rows each is done or refused by itself, in their order; again, they are told again', async () => {
  const { app, acme, createMany, accept, expected } = await prepared()
  const call = { invitations: hundred(), idempotencyKey: 'once' }
  const { results, replayed } = await createMany(call)
  expect(replayed).toBe(false)
  expect(results).toHaveLength(100)
  for (const [index, result] of results.entries()) {
    expect(result, `row ${index}`).toMatchObject(
      expected[index as keyof typeof expected] ?? {
        token: expect.stringMatching(/^lk_member_/),
        memberInvitation: { email: `p${index}@example.com`, role: 'ORG_MEMBER' },
      },
    )
  }
  expect(results[10].current.id).toBe(results[9].memberInvitation.id)
  expect(await rowsIn(app, 'member_invitations')).toBe(2 + 93)
  expect(await accept({ token: results[99].token })).toMatchObject({ user: { name: 'Person 99' } })

  const again = await createMany(call)
  expect(again.replayed).toBe(true)
  for (const [index, result] of again.results.entries()) {
    const first = results[index]
    expect(result, `row ${index} again`).toEqual(
      first.token ? { ...first, token: null, replayed: true } : first,
    )
  }
  expect(await createMany({ ...call, atomic: true })).toMatchObject({ code: 'CONFLICT' })
  const [done] = nodesOf(
    await activities(app, acme.key, { filter: { types: ['CREATE_MEMBER_INVITATIONS'] } }),
  )
  expect(done).toMatchObject({ status: 'FAILED', failure: 'CONFLICT' })
  const bulk = await activities(app, acme.key, {
    filter: { types: ['CREATE_MEMBER_INVITATIONS'], subjectId: results[0].memberInvitation.id },
  })
  expect((nodesOf(bulk) as { subjectIds: string[] }[])[0]?.subjectIds).toHaveLength(93)
})

test('all or nothing: where one cannot be done, none is; the others say that it is not their fault', async () => {
  const { app, createMany, expected } = await prepared()
  const before = [await rowsIn(app, 'member_invitations'), await rowsIn(app, 'invitation_events')]
  const { results } = await createMany({ invitations: hundred(), atomic: true, sendEmail: true })
  for (const [index, result] of results.entries()) {
    // What stood in the way of row 10 was undone with the rest.
    const refused =
      index === 10 ? { code: 'CONFLICT', current: null } : expected[index as keyof typeof expected]
    expect(result, `row ${index}`).toMatchObject(refused ?? { __typename: 'NotDoneError', code: 'NOT_DONE' })
  }
  expect([await rowsIn(app, 'member_invitations'), await rowsIn(app, 'invitation_events')]).toEqual(before)
  expect(await rowsIn(app, 'mails')).toBe(0)
  const good = hundred().filter((_, index) => !(index in expected))
  const { results: done } = await createMany({ invitations: good, atomic: true })
  expect(done.every(({ token }: { token: string | null }) => token)).toBe(true)
})

test('limits count for each row: those beyond are refused alone', async () => {
  const { createMany } = await inviter({ limits: { openInvitations: 3, mailsPerInviterAnHour: 2 } })
  const invitations = ['a', 'b', 'c', 'd'].map((name) => ({ email: `${name}@example.com` }))
  const { results } = await createMany({ invitations: invitations.slice(0, 3), sendEmail: true })
  const names = (rows: { __typename: string }[]) => rows.map(({ __typename }) => __typename)
  const [MADE, LATER] = ['CreateMemberInvitationPayload', 'RateLimitedError']
  expect(names(results)).toEqual([MADE, MADE, LATER])
  const { results: more } = await createMany({ invitations })
  expect(names(more)).toEqual(['ConflictError', 'ConflictError', MADE, 'LimitReachedError'])
  expect(more[3].limit).toBe(3)
})

test('a key that may do nothing else is shown the links all the same', async () => {
  const { app, acme, createMany } = await inviter()
  const { secret } = await app.store.write((tx) =>
    insertApiKey(tx, { organizationId: acme.id, role: 'ORG_ADMIN', scopes: ['memberInvitation:create'] }),
  )
  const { results } = await createMany({ invitations: [{ email: 'a@x.example', role: 'GUEST' }] }, secret)
  expect(results).toMatchObject([{ token: expect.any(String), memberInvitation: { role: 'GUEST' } }])
})

import { expect, test } from 'vitest'
import { organization } from '../kit/app.ts'
import { answerOf, member } from './people.ts'
import { team } from './team.ts'

test('members are listed, oldest first, without those who left', async () => {
  const { app, acme, remove, list } = await team()
  const ada = await member(app, acme.id)
  const bob = await member(app, acme.id, { name: 'bob', role: 'ORG_VIEWER', accessType: 'WEB' })
  expect(await list()).toMatchObject([
    { id: ada.membershipId, role: 'ORG_ADMIN', accessType: 'ALL', tags: [], user: { id: ada.userId } },
    { id: bob.membershipId, role: 'ORG_VIEWER', accessType: 'WEB' },
  ])
  expect(await remove(bob.membershipId)).toEqual({
    __typename: 'RemoveMemberPayload',
    removedId: bob.membershipId,
  })
  expect(await list()).toMatchObject([{ id: ada.membershipId }])
  expect(await remove(bob.membershipId)).toMatchObject({ __typename: 'NotFoundError' })
  const { data } = await app.call(
    'query ($id: ID!) { node(id: $id) { ... on Membership { removedAt viewerCanUpdate { code } viewerCanRemove { code } } } }',
    { id: bob.membershipId },
    { key: acme.key },
  )
  expect(data.node).toEqual({
    removedAt: expect.any(String),
    viewerCanUpdate: { code: 'NOT_FOUND' },
    viewerCanRemove: { code: 'NOT_FOUND' },
  })
})

test('what is left out of a change stays', async () => {
  const { app, acme, update } = await team()
  const { membershipId: id } = await member(app, acme.id, { role: 'ORG_MEMBER' })
  expect((await update({ id, tags: [' night ', 'west'] })).membership).toMatchObject({
    tags: ['night', 'west'],
  })
  expect((await update({ id, role: 'PORTAL_ADMIN' })).membership).toMatchObject({
    ...{ role: 'PORTAL_ADMIN', accessType: 'ALL', tags: ['night', 'west'] },
  })
  expect((await update({ id, tags: [], accessType: 'WEB' })).membership).toMatchObject({
    tags: [],
    accessType: 'WEB',
  })
  expect((await update({ id, tags: [' ', 'x'.repeat(51)] })).issues).toMatchObject([
    { path: ['tags', '0'] },
    { path: ['tags', '1'] },
  ])
})

test('nobody gives a role above their own, nor more than the scopes of their key', async () => {
  const { app, acme, update, create } = await team()
  const { membershipId: id, token } = await member(app, acme.id)
  const bob = await member(app, acme.id, { name: 'bob', role: 'GUEST' })
  expect((await update({ id: bob.membershipId, role: 'OPERATOR' })).issues).toMatchObject([
    { path: ['role'] },
  ])
  const { secret } = await create({ scopes: ['MEMBER_UPDATE', 'MEMBER_READ'] }, token)
  expect((await update({ id: bob.membershipId, role: 'ORG_VIEWER' }, secret)).issues).toMatchObject([
    { path: ['role'] },
  ])
  expect((await update({ id: bob.membershipId, tags: ['a'] }, secret)).membership).toMatchObject({
    role: 'GUEST',
  })
  expect((await update({ id, role: 'GUEST' }, secret)).code).toBe('CONFLICT')
  const viewer = await member(app, acme.id, { name: 'eve', role: 'PORTAL_ADMIN' })
  expect(await update({ id: viewer.membershipId, role: 'ORG_ADMIN' }, viewer.token)).toMatchObject({
    code: 'FORBIDDEN',
  })
})

test('the last ORG_ADMIN stays, and is told why', async () => {
  const { app, acme, update, remove, list } = await team()
  const ada = await member(app, acme.id)
  await member(app, acme.id, { name: 'bob', role: 'PORTAL_ADMIN' })
  expect(await remove(ada.membershipId)).toMatchObject({ __typename: 'ConflictError' })
  expect(await update({ id: ada.membershipId, role: 'ORG_MEMBER' }, ada.token)).toMatchObject({
    code: 'CONFLICT',
  })
  expect(await update({ id: ada.membershipId, role: 'ORG_ADMIN' })).toMatchObject({
    __typename: 'UpdateMemberPayload',
  })
  expect(await list()).toMatchObject([
    {
      viewerCanUpdate: { allowed: true },
      viewerCanRemove: {
        allowed: false,
        code: 'CONFLICT',
        reason: expect.stringContaining('last ORG_ADMIN'),
      },
    },
    { viewerCanUpdate: { allowed: true }, viewerCanRemove: { allowed: true, code: null } },
  ])
  const eve = await member(app, acme.id, { name: 'eve' })
  const both = await Promise.all([ada, eve].map(({ membershipId }) => remove(membershipId)))
  expect(both.map(({ __typename }) => __typename).sort()).toEqual(['ConflictError', 'RemoveMemberPayload'])
})

test('members of another organization are not there; without the permission they are not to be changed', async () => {
  const { app, acme, update, remove, list } = await team()
  const other = await organization(app, 'Other')
  const { membershipId: id } = await member(app, other.id)
  expect(await update({ id, tags: [] })).toMatchObject({ __typename: 'NotFoundError' })
  expect(await remove(id)).toMatchObject({ __typename: 'NotFoundError' })
  const bob = await member(app, acme.id, { name: 'bob', role: 'ORG_VIEWER' })
  expect(await remove(bob.membershipId, bob.token)).toMatchObject({ code: 'FORBIDDEN' })
  expect(await list(bob.token)).toMatchObject([
    {
      viewerCanUpdate: { allowed: false, code: 'FORBIDDEN' },
      viewerCanRemove: { allowed: false, code: 'FORBIDDEN' },
    },
  ])
})

test('two who change what they have both seen: one does, the other is shown what it is now', async () => {
  const { app, acme } = await team()
  const bob = await member(app, acme.id, { name: 'bob', role: 'ORG_MEMBER' })
  const UPDATE = `mutation ($input: UpdateMemberInput!) { updateMember(input: $input) { __typename
    ... on UpdateMemberPayload { membership { tags version } }
    ... on ConflictError { current { id ... on Membership { tags version } } } } }`
  const change = (tags: string[]) =>
    answerOf(app, UPDATE, { id: bob.membershipId, tags, expectedVersion: 1 }, { key: acme.key })
  const answers = await Promise.all([change(['night']), change(['day'])])
  expect(answers).toEqual([
    { __typename: 'UpdateMemberPayload', membership: { tags: ['night'], version: 2 } },
    { __typename: 'ConflictError', current: { id: bob.membershipId, tags: ['night'], version: 2 } },
  ])

  const RENAME = `mutation ($input: UpdateOrganizationInput!) { updateOrganization(input: $input) { __typename
    ... on UpdateOrganizationPayload { organization { name version } }
    ... on ConflictError { current { ... on Organization { name version } } } } }`
  const rename = (name: string) => answerOf(app, RENAME, { name, expectedVersion: 1 }, { key: acme.key })
  expect([await rename('Acme & Co.'), await rename('Acme Inc.')]).toEqual([
    { __typename: 'UpdateOrganizationPayload', organization: { name: 'Acme & Co.', version: 2 } },
    { __typename: 'ConflictError', current: { name: 'Acme & Co.', version: 2 } },
  ])
})

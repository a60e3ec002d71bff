import { expect, test } from 'vitest'
import { keyOf, testApp } from '../kit/app.ts'
import { estate } from '../kit/estate.ts'
import { documentOf } from '../kit/mutations.ts'
import { HOUR } from '../kit/time.ts'
import { nodesOf } from './people.ts'
import { ACTIVITIES, activities, newest, type Told } from './records.ts'

test('they are listed newest first, page by page, by type, status, actor and subject', async () => {
  const app = await testApp()
  const acme = await estate(app)
  app.time.advance(HOUR)
  const other = await keyOf(app, acme.id, 'PORTAL_ADMIN')
  await app.call(documentOf('createIntegration'), { input: { name: 'Annex' } }, { key: other.key })
  const all = await newest(app, acme.key)
  expect(all[0]).toMatchObject({ type: 'CREATE_INTEGRATION', actor: { id: other.id } })
  const paged: unknown[] = []
  for (let after: string | undefined, more = true; more; ) {
    const page = await activities(app, acme.key, { first: 2, after })
    expect(page.totalCount).toBe(all.length)
    paged.push(...nodesOf(page))
    after = page.pageInfo.endCursor
    more = page.pageInfo.hasNextPage
  }
  expect(paged).toEqual(all)
  const filters: [object, (each: Told) => boolean][] = [
    [{ types: ['CREATE_PORTAL', 'OPEN_PORTAL'] }, ({ type }) => /PORTAL$/.test(type)],
    [{ types: [] }, () => false],
    [{ statuses: ['COMPLETED'] }, () => true],
    [{ statuses: ['FAILED', 'REJECTED', 'CONSENSUS_NEEDED'] }, () => false],
    [{ actorId: other.id }, ({ actor }) => actor?.id === other.id],
    [{ subjectId: acme.ids.Invite }, ({ subjectId }) => subjectId === acme.ids.Invite],
    [{ actorId: other.id, types: ['CREATE_PORTAL'] }, () => false],
    [{ actorId: 'nonsense', subjectId: null }, () => false],
  ]
  for (const [filter, fits] of filters) {
    expect(await newest(app, acme.key, filter)).toEqual(all.filter(fits))
    expect((await activities(app, acme.key, { filter })).totalCount).toBe(all.filter(fits).length)
  }
  expect((await app.call(ACTIVITIES, {}, { key: other.key })).errors[0]?.extensions.code).toBe('FORBIDDEN')
})

test('equal wishes have equal fingerprints, however they are named and ordered', async () => {
  const app = await testApp()
  const acme = await estate(app)
  const { integrationId, portalIds } = acme
  for (const input of [
    { integrationId, portalIds, name: 'A' },
    { name: 'A', maxUses: null, portalIds, integrationId, idempotencyKey: 'x' },
    { integrationId, portalIds, name: 'B' },
    { integrationId, portalIds: [...portalIds].reverse(), name: 'A' },
  ]) {
    await app.call(documentOf('createInvite'), { input }, { key: acme.key })
  }
  for (const idempotencyKey of ['a', 'b']) {
    const input = { name: 'Same', idempotencyKey }
    await app.call(documentOf('createOrganization'), { input }, { key: acme.key })
  }
  const done = (await newest(app, acme.key)).slice(0, 6)
  const [b, a, reversed, other, named, plain] = done.map(({ fingerprint }) => fingerprint)
  expect(b).toBe(a)
  expect(named).toBe(plain)
  expect(new Set([plain, other, reversed]).size).toBe(3)
})

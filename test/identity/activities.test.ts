import { expect, test } from 'vitest'
import { keyOf, organization, testApp } from '../kit/app.ts'
import { estate } from '../kit/estate.ts'
import { documentOf, goodInputs, inputOf, keyFor, mutationFields, PERSONAL } from '../kit/mutations.ts'
import { identityApp, person } from './people.ts'
import { count, newest, type Told } from './records.ts'

const names = mutationFields().map(({ name }) => name)
const BULK = new Set(names.filter((name) => inputOf(name).getFields().atomic))

/** Instants as they were sent. */
const asSent = (value: unknown) =>
  JSON.parse(JSON.stringify(value ?? null), (key, part) =>
    /At$/.test(key) ? new Date(part).toISOString() : part,
  )

test.each(names)('%s leaves one activity: who, what and what of it', async (name) => {
  const app = await identityApp()
  const ada = await person(app, 'ada')
  const acme = await estate(app)
  const input = goodInputs(acme)[name] ?? {}
  const key = keyFor(name, acme, ada)
  const before = await count(app)
  const { data } = await app.call(documentOf(name), { input }, { key })
  expect(data[name].__typename).toMatch(/Payload$/)
  expect(await count(app)).toBe(before + 1)
  const [done] = await newest(app, acme.key)
  expect(done).toMatchObject({
    status: 'COMPLETED',
    failure: null,
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    actor: key ? { id: PERSONAL.includes(name) ? ada.userId : acme.keyId } : null,
  })
  // Of a bulk call several, of all others one.
  expect(done?.subjectIds.length).toBeGreaterThan(0)
  for (const id of done?.subjectIds ?? []) expect(id).toMatch(/^[a-z_]+_[0-9a-z]{26}$/)
  expect(done?.subjectId).toBe(BULK.has(name) ? null : done?.subjectIds[0])
  const words = name.replace(/[A-Z]/g, '_$&').toUpperCase()
  expect(words.replace('ORGANIZATION_CONNECTION', 'CONNECTION')).toBe(done?.type)
  expect(JSON.stringify(done?.intent)).not.toMatch(/lk_|token"|idempotency/i)
  // Whatever was wished and is no secret is in the intent.
  for (const [field, value] of Object.entries(input)) {
    if (!/token$/i.test(field))
      expect(asSent(done?.intent[field])).toEqual(/At$/.test(field) ? expect.anything() : value)
  }
})

test.each(names.filter((name) => inputOf(name).getFields().idempotencyKey))(
  '%s: the same call again leaves none, another input under the same key a failure',
  async (name) => {
    const app = await testApp()
    const acme = await estate(app)
    const input = { ...goodInputs(acme)[name], idempotencyKey: 'once' }
    const send = async (changed: object = {}) =>
      (await app.call(documentOf(name), { input: { ...input, ...changed } }, { key: keyFor(name, acme) }))
        .data[name]
    await send()
    const before = await count(app)
    expect((await send()).__typename).toMatch(/Payload$/)
    expect(await count(app)).toBe(before)
    const other = {
      name: 'Another',
      email: 'x@example.com',
      guestName: 'Bob',
      organizationId: acme.partner.id,
      overlapHours: 3,
      maxUses: 7,
      locale: 'de',
      atomic: true,
      revokeOldLinks: true,
      // What the first call has made of it: only the key stands in the way.
      expectedVersion: 2,
    }
    const changed = Object.entries(other).find(
      ([field]) => inputOf(name).getFields()[field] && field !== 'organizationId',
    )
    expect(await send(Object.fromEntries([changed ?? ['organizationId', acme.partner.id]]))).toMatchObject({
      code: 'CONFLICT',
    })
    expect(await newest(app, acme.key, { statuses: ['FAILED'] })).toMatchObject([{ failure: 'CONFLICT' }])
  },
)

test('what was refused is recorded with its code, by whom it was tried', async () => {
  const app = await testApp()
  const acme = await estate(app)
  const viewer = await keyOf(app, acme.id, 'ORG_VIEWER')
  const tokens = /^((accept|decline)(Invite|GuestInvitation|MemberInvitation)|openPortal)$/
  const tried = names.filter((name) => !tokens.test(name))
  for (const name of tried)
    await app.call(documentOf(name), { input: goodInputs(acme)[name] }, { key: viewer.key })
  const failed = await newest(app, acme.key, { actorId: viewer.id })
  expect(failed).toHaveLength(tried.length)
  for (const each of failed) {
    expect(each).toMatchObject({
      status: 'FAILED',
      failure: 'FORBIDDEN',
      subjectId: null,
      actor: { id: viewer.id },
    })
  }
  // What names nothing of ours stands nowhere: not what is no input, nor a token that nobody was given.
  const before = await count(app)
  await app.call(documentOf('createIntegration'), { input: { name: ' ' } }, { key: acme.key })
  await app.call(documentOf('acceptInvite'), { input: { token: 'lk_invite_x' } })
  await app.call(documentOf('createIntegration'), { input: { name: 'x' } })
  expect(await count(app)).toBe(before)
})

test('guests act without a name; what fails of it is told too', async () => {
  const app = await testApp()
  const acme = await estate(app)
  const by = async (type: string) => (await newest(app, acme.key, { types: [type] })) as Told[]
  expect(await by('ACCEPT_INVITE')).toMatchObject([
    { actor: null, intent: { id: acme.ids.Invite, guestName: 'Ada' } },
  ])
  expect(await by('OPEN_PORTAL')).toMatchObject([{ actor: null, subjectId: acme.ids.PortalOpening }])
  await app.call(documentOf('revokeInvite'), { input: { id: acme.ids.Invite } }, { key: acme.key })
  const again = { grantToken: acme.grantToken, portalId: acme.ids.Portal }
  await app.call(documentOf('openPortal'), { input: again })
  await app.call(documentOf('acceptInvite'), { input: { token: acme.inviteToken } })
  expect(await by('OPEN_PORTAL')).toMatchObject([{ status: 'FAILED', failure: 'INVITATION_CLOSED' }, {}])
  expect(await by('ACCEPT_INVITE')).toMatchObject([{ status: 'FAILED', failure: 'INVITATION_CLOSED' }, {}])
})

test('an attempt on another organization’s things stands in the records of the one who tried', async () => {
  const app = await testApp()
  const acme = await estate(app)
  const other = await organization(app, 'Other')
  const before = await count(app)
  await app.call(documentOf('revokeInvite'), { input: { id: acme.ids.Invite } }, { key: other.key })
  expect(await count(app)).toBe(before + 1)
  expect(await newest(app, other.key)).toMatchObject([
    { type: 'REVOKE_INVITE', status: 'FAILED', failure: 'NOT_FOUND' },
  ])
})

import { expect, test } from 'vitest'
import { permissions } from '#domain/access.ts'
import { type Answer, type CallOptions, organization, type TestApp, testApp } from '../kit/app.ts'
import { type Estate, estate } from '../kit/estate.ts'
import { asker, CREATE_GUEST_INVITATION } from '../kit/story.ts'
import { allBut, type Caller, callers, narrowed } from './callers.ts'
import { DELEGABLE, POLICY } from './policy.ts'
import { type Sample, samples } from './samples.ts'
import { firstResult } from './stream.ts'

type Verdict = 'done' | 'null' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND'

/** What changes only the organization that it is called by: nothing of another one's is asked for. */
const OWN = [
  ...['createOrganization', 'createApiKey', 'requestOrganizationConnection', 'createJoinLink'],
  // What others' things are named in rows is refused row by row.
  ...['createInvites', 'createGuestInvitations', 'createMemberInvitation', 'createMemberInvitations'],
]

/** What the policy says. */
function expected(sample: Sample, caller: Caller): Verdict {
  const { permissions: needed, isPublic } = sample.needs
  const allowed = (all: string[]) => all.every((permission) => caller.may(permission))
  const allowedAtHome = needed.every((permission) => caller.mayAtHome(permission))
  if (caller.isBad) return 'UNAUTHENTICATED'
  if (sample.needs.isPersonal) return caller.isSignedIn ? 'FORBIDDEN' : 'UNAUTHENTICATED'
  if (isPublic && (!caller.isSignedIn || allowedAtHome)) return 'done'
  if (!caller.isSignedIn) return 'UNAUTHENTICATED'
  if (sample.kind === 'query') return allowed(needed) ? 'done' : 'null'
  if (!allowed(sample.path)) return 'null'
  if (allowed(needed)) return 'done'
  if (sample.kind === 'field' || !allowedAtHome) return 'FORBIDDEN'
  if (sample.kind === 'subscription') return 'NOT_FOUND'
  if (caller.isStranger) return OWN.includes(sample.name) ? 'done' : 'NOT_FOUND'
  return 'FORBIDDEN'
}

/** What came of it. */
function verdictOf({ data, errors }: Pick<Answer, 'data' | 'errors'>): string {
  const codes = new Set(errors.map((error) => error.extensions.code))
  if (codes.size > 0) return [...codes].join()
  const found = Array.isArray(data.found) ? data.found[0] : data.found
  if (found === null) return 'null'
  if (found.__typename === 'NotFoundError') return 'NOT_FOUND'
  return /Error$/.test(found.__typename) ? JSON.stringify(found) : 'done'
}

async function ask(
  app: TestApp,
  { name, kind, document, variables }: Sample,
  of: Estate,
  options: CallOptions,
) {
  if (kind === 'subscription') return firstResult(app, document, variables(of), options)
  // Nobody is the guest of their own organization.
  const host = name === 'acceptGuestInvitation' ? await hosting(app) : {}
  if (name in linkRoles) await setLinkRoles(app, of, linkRoles[name as keyof typeof linkRoles])
  return app.call(document, variables({ ...of, ...host }), options)
}

/** A key that may do little gives the role of guests only, for which each organization has one link. */
const linkRoles = {
  createJoinLink: { open: 'PORTAL_ADMIN', expired: 'ORG_VIEWER' },
  regenerateJoinLinkToken: { open: 'GUEST', expired: 'ORG_VIEWER' },
  reviveJoinLink: { open: 'PORTAL_ADMIN', expired: 'GUEST' },
}

const setLinkRoles = (app: TestApp, of: Estate, { open, expired }: { open: string; expired: string }) =>
  app.store.write(async ({ db }) => {
    const set = (id: string, role: string) =>
      db.updateTable('join_links').set({ role }).where('id', '=', id).execute()
    // Out of the way of the other first.
    await set(of.expiredLinkId, 'ORG_VIEWER')
    await set(of.ids.JoinLink, open)
    await set(of.expiredLinkId, expired)
  })

let hosts = 0

/** The token of a guest invitation of an organization that nobody here belongs to. */
async function hosting(app: TestApp) {
  const host = await organization(app, `Host ${hosts++}`)
  const input = { email: `guest@${host.id.slice(-8)}.example`, expiresAt: '2031-01-01T00:00:00Z' }
  const { createGuestInvitation } = await asker(app, host.key)(CREATE_GUEST_INVITATION, { input })
  return { guestToken: createGuestInvitation.token as string }
}

/** Asks for everything as the caller, in an estate that is made anew where something was done to it. */
async function verdictsOf(app: TestApp, sampled: Sample[], caller: Caller) {
  const verdicts: Record<string, string> = {}
  let of: Estate | undefined
  let options: CallOptions = {}
  for (const sample of sampled) {
    if (!of) {
      of = await estate(app, `${caller.name} ${sample.name}`)
      options = await caller.optionsFor(of)
    }
    const verdict = verdictOf(await ask(app, sample, of, options))
    verdicts[sample.name] = verdict
    if (sample.kind === 'mutation' && verdict === 'done') of = undefined
  }
  return verdicts
}

const expectedOf = (sampled: Sample[], caller: Caller) =>
  Object.fromEntries(sampled.map((sample) => [sample.name, expected(sample, caller)]))

test('the table of this test and that of the code name the same permissions, each needed by something', () => {
  expect(Object.keys(POLICY)).toEqual(permissions)
  const needed = samples().flatMap(({ needs, path }) => [...needs.permissions, ...path])
  expect([...new Set(needed)].sort()).toEqual([...permissions].sort())
  expect(DELEGABLE.every((permission) => permission in POLICY)).toBe(true)
})

test('everybody is answered as the policy has it, whatever they ask for', async () => {
  const app = await testApp()
  const sampled = samples()
  expect(sampled.length).toBeGreaterThan(60)
  for (const caller of await callers(app)) {
    expect(await verdictsOf(app, sampled, caller), caller.name).toEqual(expectedOf(sampled, caller))
  }
  expect(app.logged).toEqual([])
})

test('a key that is confined to what something needs may do it; one that lacks just that may not', async () => {
  const app = await testApp()
  let of = await estate(app)
  for (const sample of samples()) {
    const { permissions: needed } = sample.needs
    if (needed.length === 0) continue
    const callers = [
      narrowed(app, 'just enough', [...needed, ...sample.path]),
      ...needed.map((permission) => narrowed(app, `all but ${permission}`, allBut([permission]))),
    ]
    for (const caller of callers) {
      const verdict = verdictOf(await ask(app, sample, of, await caller.optionsFor(of)))
      expect.soft(verdict, `${caller.name}: ${sample.name}`).toBe(expected(sample, caller))
      if (sample.kind === 'mutation' && verdict === 'done')
        of = await estate(app, `${caller.name} ${sample.name}`)
    }
  }
  expect(app.logged).toEqual([])
})

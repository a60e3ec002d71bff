import { expect, test } from 'vitest'
import { type Role, roles } from '#domain/access.ts'
import { schema } from '#schema/schema.ts'
import { keyOf, testApp } from '../kit/app.ts'
import { dump, dumpOfThings, failures } from '../kit/dump.ts'
import { type Estate, estate } from '../kit/estate.ts'
import { documentOf, goodInputs, mutationFields } from '../kit/mutations.ts'

const admins = ['ORG_ADMIN']
const builders = [...admins, 'PORTAL_ADMIN']
const inviters = [...builders, 'ORG_MEMBER']
const readers = [...inviters, 'ORG_VIEWER']

/** Who may: everybody where a token is what allows it. */
const mutations: Record<string, readonly string[] | 'public'> = {
  createOrganization: [...admins, 'OPERATOR'],
  createIntegration: builders,
  createPortal: builders,
  createInvite: inviters,
  revokeInvite: inviters,
  acceptInvite: 'public',
  openPortal: 'public',
  createGuestInvitation: admins,
  revokeGuestInvitation: admins,
  acceptGuestInvitation: 'public',
  createApiKey: admins,
  rotateApiKey: admins,
  revokeApiKey: admins,
  updateMember: admins,
  removeMember: admins,
  requestOrganizationConnection: admins,
  acceptOrganizationConnection: admins,
  disconnectOrganization: admins,
  updateOrganization: admins,
  createJoinLink: admins,
  updateJoinLink: admins,
  revokeJoinLink: admins,
  reviveJoinLink: admins,
  regenerateJoinLinkToken: admins,
  joinOrganization: [],
  sendWelcomeMessage: admins,
  updateInvite: inviters,
  restoreInvite: inviters,
  regenerateInviteToken: inviters,
  createInvites: inviters,
  updateGuestInvitation: admins,
  resendGuestInvitation: admins,
  archiveGuestInvitation: admins,
  unarchiveGuestInvitation: admins,
  createGuestInvitations: admins,
  createMemberInvitation: admins,
  createMemberInvitations: admins,
  updateMemberInvitation: admins,
  resendMemberInvitation: admins,
  revokeMemberInvitation: admins,
  acceptMemberInvitation: 'public',
  declineMemberInvitation: 'public',
}

const queries: Record<string, string> = {
  organization: '(id: $id) { name }',
  invite: '(id: $id) { status }',
  guestInvitation: '(id: $id) { email }',
  node: '(id: $id) { id }',
  nodes: '(ids: [$id]) { id }',
  joinLink: '(id: $id) { role }',
  memberInvitation: '(id: $id) { email }',
}

const idFor = (query: string, { ids }: Estate) =>
  ({
    organization: ids.Organization,
    guestInvitation: ids.GuestInvitation,
    joinLink: ids.JoinLink,
    memberInvitation: ids.MemberInvitation,
  })[query] ?? ids.Invite

test('whose it is not is told FORBIDDEN, and nothing changes', async () => {
  expect(Object.keys(mutations).sort()).toEqual(
    mutationFields()
      .map(({ name }) => name)
      .sort(),
  )
  const app = await testApp()
  const acme = await estate(app)
  const keys = await Promise.all(
    roles.map(async (role) => [role, (await keyOf(app, acme.id, role)).key] as const),
  )
  const before = await dumpOfThings(app)
  const inputs = goodInputs(acme)
  let refused = 0
  for (const [name, allowed] of Object.entries(mutations)) {
    for (const [role, key] of keys) {
      if (allowed === 'public' || allowed.includes(role)) continue
      const { data, errors } = await app.call(documentOf(name), { input: inputs[name] }, { key })
      expect(data, `${name} ${role}`).toBeNull()
      expect(errors[0]?.extensions.code, `${name} ${role}`).toBe('FORBIDDEN')
      refused++
    }
  }
  expect(refused).toBeGreaterThan(100)
  expect(await dumpOfThings(app)).toEqual(before)
  expect(new Set(await failures(app, refused))).toEqual(new Set(['FORBIDDEN']))
})

test('a caller without a key is told to sign in, except where a token is enough', async () => {
  const app = await testApp()
  for (const [name, allowed] of Object.entries(mutations)) {
    const acme = await estate(app, name)
    const before = await dump(app)
    const { data, errors } = await app.call(documentOf(name), { input: goodInputs(acme)[name] })
    if (allowed === 'public') {
      expect(data[name].__typename, name).toMatch(/Payload$/)
    } else {
      expect(errors[0]?.extensions.code, name).toBe('UNAUTHENTICATED')
      expect(await dump(app)).toEqual(before)
    }
  }
})

test('who may not see a thing gets null, whatever the query', async () => {
  const fields = Object.keys(schema.getQueryType()?.getFields() ?? {})
  expect([...Object.keys(queries), 'invitationPreview', 'viewer'].sort()).toEqual(fields.sort())
  const app = await testApp()
  const acme = await estate(app)
  const stranger = (await estate(app, 'Other')).key
  for (const [name, rest] of Object.entries(queries)) {
    const look = (key?: string) =>
      app.call(`query ($id: ID!) { found: ${name}${rest} }`, { id: idFor(name, acme) }, { key })
    const nothing = name === 'nodes' ? [null] : null
    for (const role of roles) {
      const { data, errors } = await look((await keyOf(app, acme.id, role)).key)
      expect(errors, `${name} ${role}`).toEqual([])
      const sees = readers.includes(role) || (name === 'organization' && role === 'OPERATOR')
      if (sees) expect(data.found, `${name} ${role}`).not.toEqual(nothing)
      else expect(data.found, `${name} ${role}`).toEqual(nothing)
    }
    expect(await look(stranger)).toMatchObject({ errors: [], data: { found: nothing } })
    expect((await look()).errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
  }
})

test('nobody accepts a guest invitation for an organization whose admin they are not', async () => {
  const app = await testApp()
  const acme = await estate(app)
  const other = await estate(app, 'Other')
  const input = { token: acme.guestToken, organizationName: 'x' }
  for (const role of roles.filter((each: Role) => each !== 'ORG_ADMIN')) {
    const { key } = await keyOf(app, other.id, role)
    const { errors } = await app.call(documentOf('acceptGuestInvitation'), { input }, { key })
    expect(errors[0]?.extensions.code, role).toBe('FORBIDDEN')
  }
  const { data } = await app.call(documentOf('acceptGuestInvitation'), { input }, { key: other.key })
  expect(data.acceptGuestInvitation.__typename).toBe('AcceptGuestInvitationPayload')
})

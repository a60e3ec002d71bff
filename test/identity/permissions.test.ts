import { expect, test } from 'vitest'
import { type Permission, permissions, type Role, roles } from '#domain/access.ts'
import { POLICY } from '../access/policy.ts'
import { keyOf, testApp } from '../kit/app.ts'
import { estate } from '../kit/estate.ts'
import { documentOf, goodInputs, mutationFields } from '../kit/mutations.ts'
import { identityApp, person } from './people.ts'

/** The permission that a mutation says it needs, or needs before others; none where a token is enough. */
const neededBy = ({ description }: { description?: string | null | undefined }) =>
  /Needs `([\w:]+)`/.exec(description ?? '')?.[1] as Permission | undefined

const enumName = (permission: string) => permission.replace(/[A-Z]/g, '_$&').replace(':', '_').toUpperCase()

const CAN = `{ viewer { ${permissions.map((name) => `${enumName(name)}: can(action: ${enumName(name)}) { allowed code reason }`).join(' ')} } }`

/** What reading with each permission shows. */
const READS: Partial<Record<Permission, string>> = {
  'organization:read': '{ organization { id } }',
  'integration:read': '{ organization { integrations { totalCount } } }',
  'invite:read': '{ organization { invites { totalCount } } }',
  'guestInvitation:read': '{ organization { guestInvitations { totalCount } } }',
  'event:read': '{ organization { eventCursor } }',
  'apiKey:read': '{ organization { apiKeys { totalCount } } }',
  'member:read': '{ organization { members { totalCount } } }',
  'joinLink:read': '{ organization { joinLinks { totalCount } } }',
  'connection:read': '{ organization { connections { totalCount } } }',
  'activity:read': '{ organization { activities { totalCount } } }',
  'memberInvitation:read': '{ organization { memberInvitations { totalCount } } }',
}

// That what the policy has is what is done, test/access/matrix.test.ts shows.
test.each(roles)(
  '%s is told what the policy has, and reads what they are told they can',
  async (role: Role) => {
    const app = await testApp()
    const { key } = await keyOf(app, (await estate(app)).id, role)
    const { viewer } = (await app.call(CAN, {}, { key })).data
    for (const permission of permissions) {
      const isAllowed = POLICY[permission]?.includes(role)
      expect(viewer[enumName(permission)], permission).toEqual(
        isAllowed
          ? { allowed: true, code: null, reason: null }
          : { allowed: false, code: 'FORBIDDEN', reason: expect.any(String) },
      )
    }
    for (const [permission, query] of Object.entries(READS)) {
      const { data, errors } = await app.call(query, {}, { key })
      const shown = data?.organization != null && errors.length === 0
      expect(shown, permission).toBe(viewer[enumName(permission)].allowed && viewer.ORGANIZATION_READ.allowed)
    }
  },
)

test('what refuses says what the viewer was told', async () => {
  const app = await testApp()
  const acme = await estate(app)
  const { key } = await keyOf(app, acme.id, 'GUEST')
  const { viewer } = (await app.call(CAN, {}, { key })).data
  const inputs = goodInputs(acme)
  for (const field of mutationFields()) {
    const permission = neededBy(field)
    if (!permission) continue
    const { code, reason } = viewer[enumName(permission)]
    const { errors } = await app.call(documentOf(field.name), { input: inputs[field.name] }, { key })
    expect(errors, field.name).toMatchObject([{ message: reason, extensions: { code } }])
  }
})

test('every permission has a mutation or something to read', () => {
  const used = new Set([...mutationFields().map(neededBy), ...Object.keys(READS)])
  const elsewhere = ['portal:read', 'grant:read', 'opening:read', 'guestInvitation:acceptFor']
  expect(
    permissions.filter((permission) => !used.has(permission) && !elsewhere.includes(permission)),
  ).toEqual([])
})

test('a stranger and a newcomer can do nothing, and are told why', async () => {
  const app = await identityApp()
  const { token } = await person(app, 'new')
  const acme = await estate(app)
  for (const [key, code] of [
    [undefined, 'UNAUTHENTICATED'],
    [token, 'FORBIDDEN'],
  ]) {
    const { viewer } = (await app.call(CAN, {}, { key })).data
    for (const verdict of Object.values(viewer)) {
      expect(verdict).toEqual({ allowed: false, code, reason: expect.any(String) })
    }
    for (const field of mutationFields()) {
      if (!neededBy(field)) continue
      const answer = await app.call(documentOf(field.name), { input: goodInputs(acme)[field.name] }, { key })
      expect(answer.errors[0]?.extensions.code, field.name).toBe(code)
    }
  }
})

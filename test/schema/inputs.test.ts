import {
  type GraphQLInputField,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { expect, test } from 'vitest'
import { newId, typeOfId } from '#domain/ids.ts'
import { schema } from '#schema/schema.ts'
import { identityApp, person } from '../identity/people.ts'
import { testApp } from '../kit/app.ts'
import { dumpOfThings } from '../kit/dump.ts'
import { estate } from '../kit/estate.ts'
import { documentOf, goodInputs, inputOf, keyFor, mutationFields } from '../kit/mutations.ts'

const LONG = 'x'.repeat(10_000)
const WRONG: Record<string, unknown[]> = {
  ID: [{}, 1.5, true, [['a', 'b']], '', LONG, '\u0000', 'invite_1', newId('ApiKey')],
  String: [{}, 5, true, ['a', 'b'], LONG, '\u0007'],
  Int: ['5', 1.5, 2 ** 31, -(2 ** 31) - 1, true, {}, [1, 2], -1],
  DateTime: [5, true, {}, '', 'tomorrow', '2031-01-01', '2031-01-01T00:00:00', LONG],
  Boolean: ['true', 1, {}],
  Locale: [5, {}, '', 'no language', 'a\u0001'],
  EmailAddress: [5, {}, '', 'nobody', 'a b@example.com', 'a\u0001@example.com', `${LONG}@example.com`],
}

/** What only this field must not be. */
const ALSO_WRONG: Record<string, unknown[]> = {
  'createInvite.maxUses': [0],
  'createInvites.invites': [[], Array(101).fill({ integrationId: '', portalIds: [] })],
  'createGuestInvitations.guestInvitations': [
    [],
    Array(101).fill({ email: 'a@b.c', expiresAt: '2031-01-01T00:00:00Z' }),
  ],
  'updateInvite.maxUses': [0],
  'updateInvite.expectedVersion': [0],
  'updateInvite.portalIds': [[]],
  'updateGuestInvitation.expectedVersion': [0],
  'updateGuestInvitation.expiresAt': ['2020-01-01T00:00:00Z'],
  'resendGuestInvitation.expiresAt': ['2020-01-01T00:00:00Z'],
  'rotateApiKey.overlapHours': [721],
  'createApiKey.publicKey': ['', 'x', '02', '04'.padEnd(66, '0'), '02'.padEnd(66, 'g'), '02'.padEnd(68, '0')],
  'createApiKey.role': ['OPERATOR'],
  'updateMember.role': ['OPERATOR'],
  'updateMember.tags': [['']],
  'requestOrganizationConnection.scopes': [['API_KEY_CREATE'], ['PORTAL_READ', 'ACTIVITY_READ']],
  'acceptOrganizationConnection.scopes': [['MEMBER_UPDATE'], ['GUEST_INVITATION_CREATE']],
  'updateOrganization.color': ['', 'red', '#fff', '#12345g', '0a7c66'],
  'createJoinLink.role': ['ORG_ADMIN', 'OPERATOR'],
  'createJoinLink.maxUses': [0, 1001],
  'updateJoinLink.maxUses': [0, 1001],
  'createMemberInvitation.role': ['OPERATOR'],
  'createMemberInvitation.tags': [[''], Array(51).fill('tag')],
  'createMemberInvitation.expiresAt': ['2029-12-31T23:59:59Z'],
  'createMemberInvitations.invitations': [[], Array(101).fill({ email: 'a@b.example' })],
  'updateMemberInvitation.role': ['OPERATOR'],
  'updateMemberInvitation.expiresAt': ['2029-12-31T23:59:59Z'],
  'resendMemberInvitation.expiresAt': ['2029-12-31T23:59:59Z'],
}

/** What an input's field must not be. */
const faultsOf = (mutation: string, field: GraphQLInputField) => [
  ...faultsOfType(field),
  ...(ALSO_WRONG[`${mutation}.${field.name}`] ?? []),
]

function faultsOfType(field: GraphQLInputField): unknown[] {
  const named = getNamedType(field.type)
  const wrong = isInputObjectType(named)
    ? ['x', 5, {}, { unknown: 1 }]
    : isEnumType(named)
      ? ['x', '', 5, true, {}, named.name]
      : WRONG[named.name]
  expect(wrong, `faults of the type ${named}`).toBeDefined()
  // A list of texts is a list's good value.
  const items = (wrong ?? []).filter(
    (item) => !(Array.isArray(item) && named.name === 'String' && isList(field)),
  )
  const type = isNonNullType(field.type) ? field.type.ofType : field.type
  const values = isListType(type) ? items.flatMap((item) => [item, [item]]) : items
  return isNonNullType(field.type) ? [null, ...values] : values
}

const isList = ({ type }: GraphQLInputField) => isListType(isNonNullType(type) ? type.ofType : type)

test('every mutation takes its good input', async () => {
  const app = await identityApp()
  const ada = await person(app, 'ada')
  for (const { name } of mutationFields()) {
    const acme = await estate(app, name)
    const input = goodInputs(acme)[name]
    const { data, errors } = await app.call(documentOf(name), { input }, { key: keyFor(name, acme, ada) })
    expect(errors).toEqual([])
    expect(data[name].__typename).toMatch(/Payload$/)
  }
})

test('every field of every mutation refuses what it cannot be, and nothing changes', async () => {
  // Those that name what they are guessed with spend none of the guesses.
  const app = await identityApp({ limits: { unknownTokensPerMinute: 1_000_000 } })
  const ada = await person(app, 'ada')
  const acme = await estate(app)
  const inputs = goodInputs(acme)
  expect(Object.keys(inputs).sort()).toEqual(
    mutationFields()
      .map(({ name }) => name)
      .sort(),
  )
  const before = await dumpOfThings(app)

  for (const [mutation, good] of Object.entries(inputs)) {
    for (const field of Object.values(inputOf(mutation).getFields())) {
      for (const value of faultsOf(mutation, field)) {
        const what = `${mutation}.${field.name}: ${JSON.stringify(value)?.slice(0, 40)}`
        const input = { ...good, [field.name]: value }
        const answer = await app.call(documentOf(mutation), { input }, { key: keyFor(mutation, acme, ada) })
        expect(answer.status, what).toBe(200)
        if (answer.errors.length > 0) {
          expect(answer.data, what).toBeNull()
          for (const error of answer.errors) expect(error.extensions.code, what).toBe('BAD_USER_INPUT')
        } else {
          expect(answer.data[mutation].__typename, what).toMatch(/^(InvalidInput|NotFound)Error$/)
          for (const issue of answer.data[mutation].issues ?? []) {
            expect(issue.path[0], what).toBe(field.name)
            expect(issue.message, what).toMatch(/^[^{}[\]]+\.$/)
            expect(issue.message, what).not.toMatch(/^Invalid|expected (string|number)/)
          }
        }
      }
    }
  }
  expect(await dumpOfThings(app)).toEqual(before)
  expect(app.logged).toEqual([])
})

test('ids of the wrong type, of nothing and of others are refused, and nothing changes', async () => {
  const app = await testApp()
  const acme = await estate(app)
  const other = await estate(app, 'Other')
  const before = await dumpOfThings(app)

  for (const [mutation, good] of Object.entries(goodInputs(acme))) {
    for (const field of Object.values(inputOf(mutation).getFields())) {
      if (getNamedType(field.type).name !== 'ID') continue
      for (const id of [...Object.values(other.ids), ...Object.values(acme.ids), newId('Portal')]) {
        const input = { ...good, [field.name]: id }
        const isOwn = Object.values(acme.ids).includes(id) && typeOfId(id) === typeOfId(String(good.id))
        // Whom to be connected with is anybody.
        const isGood =
          JSON.stringify(good[field.name] ?? acme.id).includes(id) ||
          (field.name === 'id' && isOwn) ||
          (mutation === 'requestOrganizationConnection' && id === other.id)
        if (isGood) continue
        const { data, errors } = await app.call(
          documentOf(mutation),
          { input },
          { key: keyFor(mutation, acme) },
        )
        expect(errors, `${mutation}.${field.name} ${id}`).toEqual([])
        expect(data[mutation].__typename, `${mutation}.${field.name} ${id}`).toMatch(
          /^(InvalidInput|NotFound)Error$/,
        )
      }
    }
  }
  expect(await dumpOfThings(app)).toEqual(before)
})

test('fields that are missing or unknown are named, all at once', async () => {
  const app = await testApp()
  const acme = await estate(app)
  const { errors } = await app.call(
    documentOf('createInvite'),
    { input: { portalId: 'x' } },
    { key: acme.key },
  )
  expect(errors.map(({ message }) => message)).toEqual([
    expect.stringContaining('include required field "integrationId"'),
    expect.stringContaining('include required field "portalIds"'),
    expect.stringContaining('not to include unknown field "portalId"'),
  ])
})

test('what has rules is an input of mutations: those of other fields are not checked', () => {
  const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && type !== schema.getMutationType() ? Object.values(type.getFields()) : [],
  )
  const taken = fields.flatMap(({ args }) => args.flatMap((arg) => [arg, ...within(getNamedType(arg.type))]))
  expect(taken.length).toBeGreaterThan(100)
  expect(taken.filter(hasRules)).toEqual([])
  const ruled = within(getNamedType(schema.getMutationType()?.getFields().createInvite?.args[0]?.type))
  expect(ruled.filter(hasRules)).toHaveLength(1)
})

/** An input object with its fields, and theirs. */
const within = (type: unknown): { extensions: Readonly<Record<string, unknown>> }[] =>
  isInputObjectType(type)
    ? [
        type,
        ...Object.values(type.getFields()).flatMap((field) => [field, ...within(getNamedType(field.type))]),
      ]
    : []

const hasRules = ({ extensions: { pothosOptions } }: { extensions: Readonly<Record<string, unknown>> }) =>
  (pothosOptions as { validate?: unknown } | undefined)?.validate !== undefined

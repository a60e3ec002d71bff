import type { Role } from '#domain/access.ts'
import { insertMembership } from '#domain/member.ts'
import type { AccessType } from '#domain/user.ts'
import { createIdentityProvider } from '#server/identityProvider.ts'
import { type CallOptions, type TestApp, type TestAppOptions, testApp } from '../kit/app.ts'
import { type Claims, startIdentityProvider } from '../kit/identityProvider.ts'
import { ManualTime } from '../kit/time.ts'

/** The app with an identity provider, both at one time that stands still. */
export async function identityApp(options: TestAppOptions<ManualTime> = {}) {
  const time = options.time ?? new ManualTime()
  const provider = await startIdentityProvider({ now: time.now })
  const identityProvider = createIdentityProvider({ ...provider, clockToleranceSeconds: 0, now: time.now })
  const app = await testApp({ ...options, time, identityProvider })
  return { ...app, provider }
}

export type IdentityApp = Awaited<ReturnType<typeof identityApp>>
type Provided = Pick<IdentityApp, 'call' | 'store' | 'provider'>

const ME = '{ viewer { role actor { __typename ... on User { id name email } ... on ApiKey { id } } } }'

/** What the viewer is told of themselves. */
export const viewerOf = async (app: Pick<TestApp, 'call'>, options: CallOptions) =>
  (await app.call(ME, {}, options)).data?.viewer

/** A person who has signed in once, and a token of theirs. */
export async function person(app: Provided, subject: string, claims: Claims = {}) {
  const token = await app.provider.sign({ sub: subject, ...claims })
  await app.call('{ __typename }', {}, { key: token })
  const users = app.store.db.selectFrom('users').select('id').where('subject', '=', subject)
  return { token, userId: (await users.executeTakeFirstOrThrow()).id }
}

/** A person who is a member of the organization. */
export async function member(
  app: Provided,
  organizationId: string,
  { name = 'ada', role = 'ORG_ADMIN' as Role, accessType = 'ALL' as AccessType } = {},
) {
  const someone = await person(app, name, { name })
  const { id } = await app.store.write((tx) =>
    insertMembership(tx, { organizationId, userId: someone.userId, role, accessType }),
  )
  return { ...someone, membershipId: id }
}

/** The answer of a mutation: what its result union came to, or the code of what refused it as a whole. */
export async function answerOf(
  app: Pick<TestApp, 'call'>,
  document: string,
  input: object,
  options: CallOptions,
) {
  const { data, errors } = await app.call(document, { input }, options)
  if (errors[0]) return { __typename: 'Refusal', code: errors[0].extensions.code, message: errors[0].message }
  return Object.values(data as object)[0]
}

const KEY = `id name prefix lastFour publicKey role scopes expiresAt revokedAt lastUsedAt
  viewerCanRevoke { allowed code } createdBy { ... on User { id } ... on ApiKey { id } }`
const FAULTS = '... on UserError { code message } ... on InvalidInputError { issues { path message } }'

export const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
  __typename ${FAULTS} ... on CreateApiKeyPayload { secret replayed apiKey { ${KEY} } } } }`
export const ROTATE_KEY = `mutation ($input: RotateApiKeyInput!) { rotateApiKey(input: $input) {
  __typename ${FAULTS} ... on RotateApiKeyPayload { secret replayed apiKey { ${KEY} } } } }`
export const REVOKE_KEY = `mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) {
  __typename ${FAULTS} ... on RevokeApiKeyPayload { apiKey { ${KEY} } } } }`
export const KEYS = `{ organization { apiKeys { edges { node { ${KEY} } } } } }`

const MEMBER = `id role accessType tags removedAt user { id }
  viewerCanUpdate { allowed code } viewerCanRemove { allowed code reason }`
export const MEMBERS = `{ organization { members { totalCount edges { node { ${MEMBER} } } } } }`
export const UPDATE_MEMBER = `mutation ($input: UpdateMemberInput!) { updateMember(input: $input) {
  __typename ${FAULTS} ... on UpdateMemberPayload { membership { ${MEMBER} } } } }`
export const REMOVE_MEMBER = `mutation ($input: RemoveMemberInput!) { removeMember(input: $input) {
  __typename ${FAULTS} ... on RemoveMemberPayload { removedId } } }`

/** A list's items. */
export const nodesOf = (list: { edges: { node: unknown }[] }) => list.edges.map(({ node }) => node)

import { type CallOptions, organization, type TestApp } from '../kit/app.ts'
import { CREATE_JOIN_LINK } from '../kit/estate.ts'
import { DAY } from '../kit/time.ts'
import { answerOf, identityApp, nodesOf, person } from './people.ts'

const LINK = `id version role status expiresAt maxUses uses usesRemaining revokedAt updatedAt
  viewerCanUpdate { allowed code } viewerCanRevoke { allowed code } viewerCanRevive { allowed code }`
const FAULTS =
  '__typename ... on UserError { code message } ... on InvalidInputError { issues { path message } }'
const CLOSED = '... on InvitationClosedError { reason closedAt }'
const CONFLICT = '... on ConflictError { current { id ... on JoinLink { version } } }'

const changing = (mutation: string, Name: string, others: string) =>
  `mutation ($input: ${Name}Input!) { ${mutation}(input: $input) {
    ${FAULTS} ${others} ... on ${Name}Payload { joinLink { ${LINK} } } } }`

export const UPDATE_LINK = changing('updateJoinLink', 'UpdateJoinLink', `${CLOSED} ${CONFLICT}`)
export const REVOKE_LINK = changing('revokeJoinLink', 'RevokeJoinLink', CLOSED)
export const REVIVE_LINK = changing('reviveJoinLink', 'ReviveJoinLink', CONFLICT)
export const REGENERATE_LINK = changing(
  'regenerateJoinLinkToken',
  'RegenerateJoinLinkToken',
  `${CLOSED} ${CONFLICT} ... on RegenerateJoinLinkTokenPayload { token inviteUrl replayed }`,
)

const LINKS = `query ($filter: JoinLinkFilter) {
  organization { joinLinks(filter: $filter) { totalCount edges { node { ${LINK} } } } } }`

const JOIN = `mutation ($input: JoinOrganizationInput!) { joinOrganization(input: $input) {
  ${FAULTS} ${CLOSED}
  ... on JoinOrganizationPayload { alreadyMember organization { id name }
    membership { id role accessType removedAt organization { name } user { id name } } } } }`

const PREVIEW = `query ($token: String!) { invitationPreview(token: $token) {
  kind organizationName email name role status usesRemaining expiresAt acceptable closedReason } }`

/** Makes a link with the key: the payload, or what was wrong. */
export const createLink = (app: Pick<TestApp, 'call'>, key: string, input: object = {}) =>
  answerOf(app, CREATE_JOIN_LINK, { role: 'ORG_MEMBER', ...input }, { key })

/** An organization that people join by links. */
export async function club(options: Parameters<typeof identityApp>[0] = {}) {
  const app = await identityApp(options)
  const acme = await organization(app)
  const change = (document: string, input: object, key = acme.key) => answerOf(app, document, input, { key })
  const join = (token: string, by: CallOptions | string) =>
    answerOf(app, JOIN, { token }, typeof by === 'string' ? { key: by } : by)
  const links = async (filter?: object) =>
    nodesOf((await app.call(LINKS, { filter }, { key: acme.key })).data.organization.joinLinks)
  const look = async (token: string) => (await app.call(PREVIEW, { token })).data.invitationPreview
  /** That many people who have signed in, for a day. */
  const people = async (count: number) => {
    const all: Awaited<ReturnType<typeof person>>[] = []
    const exp = (app.time.now() + DAY) / 1000
    for (let number = 0; number < count; number++) all.push(await person(app, `person-${number}`, { exp }))
    return all
  }
  const members = () =>
    app.store.db.selectFrom('memberships').selectAll().where('organization_id', '=', acme.id).execute()
  /** What the log holds of a link: what happened, and the status after it. */
  const story = async (id: string) => {
    const events = app.store.db.selectFrom('invitation_events').selectAll().where('invitation_id', '=', id)
    return (await events.orderBy('sequence').execute()).map(({ type, status }) => `${type}: ${status}`)
  }
  return { app, acme, change, join, links, look, people, members, story }
}

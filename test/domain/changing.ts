import { type GraphQLUnionType, getNamedType, isObjectType } from 'graphql'
import { schema } from '#schema/schema.ts'
import type { TestApp } from '../kit/app.ts'
import { inputOf } from '../kit/mutations.ts'
import type { Ask } from '../kit/story.ts'

const INVITE = `id name status version validFrom validTo maxUses uses revokedAt
  inviteeMessages { locale text } portals { id }`
const GUEST_INVITATION = `id email status version expiresAt expired archived archivedAt acceptedVia acceptedAt
  locale message firstSentAt lastSentAt`

/** What is read of whatever a mutation may answer with. */
const SELECTIONS: Record<string, string> = {
  invite: `invite { ${INVITE} }`,
  guestInvitation: `guestInvitation { ${GUEST_INVITATION} }`,
  issues: 'issues { path message }',
  current: 'current { __typename id ... on Invitation { status version } }',
  organization: 'organization { id }',
  connection: 'connection { id }',
  results: 'results { __typename ... on UserError { code message } RESULTS }',
}

const selectionOf = (type: unknown): string => {
  const fields = isObjectType(type) ? Object.keys(type.getFields()) : []
  return fields
    .map((name) => (SELECTIONS[name] ?? name).replace('RESULTS', () => selectionsOf(ofResults(type))))
    .join(' ')
}

const ofResults = (type: unknown) =>
  getNamedType(isObjectType(type) ? type.getFields().results?.type : undefined) as GraphQLUnionType

const selectionsOf = (union: GraphQLUnionType) =>
  union
    .getTypes()
    .map((type) => `... on ${type} { ${selectionOf(type)} }`)
    .join('\n')

/** Calls a mutation with its input: all that it answers with, in a payload or in what refused it. */
export async function does(ask: Ask, mutation: string, input: object) {
  const type = getNamedType(schema.getMutationType()?.getFields()[mutation]?.type) as GraphQLUnionType
  const document = `mutation ($input: ${inputOf(mutation)}!) { done: ${mutation}(input: $input) {
    __typename ${selectionsOf(type)} } }`
  return (await ask(document, { input })).done
}

/** Each event of an invitation, or of all: its type, and how the status changed. */
export async function story({ store }: Pick<TestApp, 'store'>, invitationId?: string) {
  const events = await store.db
    .selectFrom('invitation_events')
    .selectAll()
    .$if(invitationId !== undefined, (query) => query.where('invitation_id', '=', invitationId ?? ''))
    .orderBy('organization_id')
    .orderBy('sequence')
    .execute()
  return events.map(({ type, previous_status, status }) => `${type} ${previous_status ?? '-'} > ${status}`)
}

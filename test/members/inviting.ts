import { addLink } from '#domain/links.ts'
import { answerOf, type IdentityApp, identityApp, nodesOf } from '../identity/people.ts'
import { organization, type TestAppOptions } from '../kit/app.ts'
import { ACCEPT_MEMBER_INVITATION, CREATE_MEMBER_INVITATION } from '../kit/story.ts'
import type { ManualTime } from '../kit/time.ts'

const ERRORS = `... on UserError { code message } ... on InvalidInputError { issues { path message } }
  ... on ConflictError { current { __typename id } } ... on InvitationClosedError { reason closedAt }
  ... on WrongAccountError { invitedEmail viewerEmail }`
const INVITATION = `id status email name tags accessType role locale message version expiresAt firstSentAt lastSentAt
  acceptedAt declinedAt revokedAt sender { ... on ApiKey { id } ... on User { id } } membership { id }
  viewerCanUpdate { allowed code } viewerCanResend { allowed code } viewerCanRevoke { allowed code }`

/** A mutation that answers with these fields, or with what refused it. */
const mutation = (name: string, fields: string, errors = ERRORS) => {
  const type = name.charAt(0).toUpperCase() + name.slice(1)
  return `mutation ($input: ${type}Input!) { ${name}(input: $input) {
    __typename ... on ${type}Payload { ${fields} } ${errors} } }`
}

const ROW_ERRORS = `... on UserError { code message } ... on InvalidInputError { issues { path message } }
  ... on ConflictError { current { __typename id } } ... on LimitReachedError { limit }`
const MANY = mutation(
  'createMemberInvitations',
  `replayed results { __typename ... on CreateMemberInvitationPayload { token replayed memberInvitation { id email role } } ${ROW_ERRORS} }`,
  ROW_ERRORS.replace('... on LimitReachedError { limit }', ''),
)
const UPDATE = mutation(
  'updateMemberInvitation',
  `memberInvitation { ${INVITATION} }`,
  ERRORS.replace('... on WrongAccountError { invitedEmail viewerEmail }', ''),
)
const RESEND = mutation(
  'resendMemberInvitation',
  `token inviteUrl replayed memberInvitation { ${INVITATION} }`,
  ERRORS.replace('... on WrongAccountError { invitedEmail viewerEmail }', ''),
)
const REVOKE = mutation(
  'revokeMemberInvitation',
  `memberInvitation { ${INVITATION} }`,
  '... on UserError { code message } ... on InvitationClosedError { reason closedAt }',
)
const DECLINE = mutation(
  'declineMemberInvitation',
  'memberInvitation { id status declinedAt organization { name } } organization { id name }',
  ERRORS.replace('... on ConflictError { current { __typename id } }', ''),
)

/** An organization that invites members, and people whom it may invite; nothing is mailed unless asked for. */
export async function inviter(options: TestAppOptions<ManualTime> = {}) {
  const app = await identityApp(options)
  const acme = await organization(app)
  const asked =
    (document: string, defaults: object = {}) =>
    (input: object, key: string | undefined = acme.key) =>
      answerOf(app, document, { ...defaults, ...input }, { key })
  const create = asked(CREATE_MEMBER_INVITATION, { sendEmail: false })

  return {
    app,
    acme,
    at: (ms: number) => new Date(app.time.now() + ms).toISOString(),
    create,
    createMany: asked(MANY, { sendEmail: false }),
    update: asked(UPDATE),
    resend: asked(RESEND, { sendEmail: false }),
    revoke: (id: string) => asked(REVOKE)({ id }),
    /** An open invitation to this address. */
    async invite(email: string, input: object = {}, key = acme.key) {
      const made = await create({ email, ...input }, key)
      if (!made.token) throw new Error(JSON.stringify(made))
      return { id: made.memberInvitation.id as string, token: made.token as string }
    },
    /** The token that a mail of this invitation carries. */
    mailed: (id: string) => app.store.write((tx) => addLink(tx, 'memberInvitation', id)),
    /** Without a key, as whoever holds the token. */
    accept: (input: object, key?: string) => answerOf(app, ACCEPT_MEMBER_INVITATION, input, { key }),
    decline: (input: object, key?: string) => answerOf(app, DECLINE, input, { key }),
    read: async (id: string, key = acme.key) =>
      (await app.call(`query ($id: ID!) { memberInvitation(id: $id) { ${INVITATION} } }`, { id }, { key }))
        .data?.memberInvitation,
    /** A person who has signed in with this address. */
    signIn: (subject: string, email: string | null, verified = true) =>
      app.provider.sign({ sub: subject, ...(email && { email, email_verified: verified }) }),
    members: async (key = acme.key) =>
      nodesOf(
        (
          await app.call(
            '{ organization { members { edges { node { id role accessType user { id email } } } } } }',
            {},
            { key },
          )
        ).data.organization.members,
      ) as { id: string; role: string; accessType: string; user: { id: string; email: string } }[],
  }
}

/** How many rows the table has. */
export const rowsIn = async (
  { store }: Pick<IdentityApp, 'store'>,
  table: 'users' | 'memberships' | 'member_invitations' | 'mails' | 'api_keys' | 'invitation_events',
) =>
  (
    await store.db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
  ).n

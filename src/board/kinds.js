import { dateTime } from './dates.js'

/**
 * Everything that the board knows of each kind of invitation; the rest of it knows only the interface
 * `Invitation`. A new kind is one more entry, and its type's name the key.
 *
 * - `label`: what people call it
 * - `list`: the connection of the organization that lists it
 * - `needs`: the permissions without which its fields cannot be read
 * - `fields`: what to select beside the interface's fields; give names that other kinds use for other
 *   types an alias
 * - `title`, `detail`, and where there are such `uses` and `opens`: what to show
 * - `searched`: what the `search` of the list's filter looks at; nothing where the filter has none
 * - `actions`: the buttons: their mutation, the field with its `Allowance`, what to say before it is done, and
 *   for those that make a `link` the type that brings it
 */
export const kinds = {
  Invite: {
    label: 'Access',
    list: 'invites',
    needs: ['INVITE_READ', 'PORTAL_READ'],
    fields: 'name validFrom uses maxUses portals { name } viewerCanRevoke { allowed reason }',
    title: (invite) => invite.name ?? 'Without a name',
    detail: ({ portals }) => portals.map(({ name }) => name).join(', '),
    opens: ({ validFrom }) => validFrom,
    uses: ({ uses, maxUses }) => (maxUses === null ? `${uses} used` : `${uses} of ${maxUses} used`),
    searched: ({ name }) => name,
    actions: [
      {
        name: 'Revoke',
        mutation: 'revokeInvite',
        allowance: 'viewerCanRevoke',
        warning: 'Its link stops working, and what guests were granted by it opens nothing any more.',
      },
    ],
  },
  GuestInvitation: {
    label: 'Guest organization',
    list: 'guestInvitations',
    needs: ['GUEST_INVITATION_READ'],
    fields: 'email lastSentAt viewerCanResend { allowed reason } viewerCanRevoke { allowed reason }',
    title: ({ email }) => email,
    detail: ({ lastSentAt }) => `Last sent ${dateTime(lastSentAt)}`,
    searched: ({ email }) => email,
    actions: [
      {
        name: 'Resend',
        mutation: 'resendGuestInvitation',
        allowance: 'viewerCanResend',
        warning: 'A new link is sent by e-mail; the old one works for a day more.',
        link: 'ResendGuestInvitationPayload',
      },
      {
        name: 'Revoke',
        mutation: 'revokeGuestInvitation',
        allowance: 'viewerCanRevoke',
        warning: 'The link in its e-mail stops working.',
      },
    ],
  },
  MemberInvitation: {
    label: 'Member',
    list: 'memberInvitations',
    needs: ['MEMBER_INVITATION_READ'],
    fields:
      'email name role lastSentAt viewerCanResend { allowed reason } viewerCanRevoke { allowed reason }',
    title: ({ name, email }) => name ?? email,
    detail: ({ role, lastSentAt }) => `${role}, last sent ${dateTime(lastSentAt)}`,
    searched: ({ name, email }) => `${name ?? ''} ${email}`,
    actions: [
      {
        name: 'Resend',
        mutation: 'resendMemberInvitation',
        allowance: 'viewerCanResend',
        warning: 'A new link is sent by e-mail; the old one works for a day more.',
        link: 'ResendMemberInvitationPayload',
      },
      {
        name: 'Revoke',
        mutation: 'revokeMemberInvitation',
        allowance: 'viewerCanRevoke',
        warning: 'The link in its e-mail stops working.',
      },
    ],
  },
  JoinLink: {
    label: 'Join link',
    list: 'joinLinks',
    needs: ['JOIN_LINK_READ'],
    fields: 'role uses maxUses viewerCanRevoke { allowed reason }',
    title: ({ role }) => `Join as ${role}`,
    detail: () => 'One link for all who join in this role',
    uses: ({ uses, maxUses }) => (maxUses === null ? `${uses} used` : `${uses} of ${maxUses} used`),
    actions: [
      {
        name: 'Revoke',
        mutation: 'revokeJoinLink',
        allowance: 'viewerCanRevoke',
        warning: 'Nobody joins by it any more.',
      },
    ],
  },
}

/** Every status of the interface, in the order of a life. */
export const statuses = ['SCHEDULED', 'PENDING', 'ACCEPTED', 'EXHAUSTED', 'DECLINED', 'EXPIRED', 'REVOKED']

const entries = Object.entries(kinds)

const row = `
fragment Row on Invitation {
  __typename
  id
  status
  createdAt
  expiresAt
${entries.map(([type, { fields }]) => `  ... on ${type} { ${fields} }`).join('\n')}
}`

/** Who the key is, and what it may do here: asked first, so that nothing is asked that would be refused. */
export const SESSION = `query Session {
  viewer {
    role
    organization: target { name }
    follow: can(action: EVENT_READ) { allowed reason }
    create: can(action: INVITE_CREATE) { allowed reason }
${[...new Set(entries.flatMap(([, { needs }]) => needs))]
  .map((action) => `    ${action}: can(action: ${action}) { allowed reason }`)
  .join('\n')}
  }
}`

/**
 * A page of each kind, and in the same operation the head of the log: whatever happens after this was read
 * stands behind that cursor.
 */
export const PAGE = `query Page(
  $first: Int!, $statuses: [InvitationStatus!], $search: String, $withCursor: Boolean!
${entries.map(([type]) => `  $with${type}: Boolean!, $after${type}: String`).join('\n')}
) {
  organization {
    eventCursor @include(if: $withCursor)
${entries
  .map(
    ([type, { list, searched }]) => `    ${type}: ${list}(
      first: $first, after: $after${type}, filter: { statuses: $statuses${searched ? ', search: $search' : ''} }
    ) @include(if: $with${type}) {
      edges { node { ...Row } }
      pageInfo { hasNextPage endCursor }
    }`,
  )
  .join('\n')}
  }
}
${row}`

export const EVENTS = `subscription Events($after: String!) {
  invitationEvents(after: $after) {
    cursor
    sequence
    type
    occurredAt
    actor { ... on User { name } ... on ApiKey { name } }
    invitation { ...Row }
  }
}
${row}`

/** The operation behind a button. Expected failures come as data: every one of them is a `UserError`. */
export const actionDocument = ({ mutation, link }) => `mutation Act($id: ID!) {
  result: ${mutation}(input: { id: $id }) {
    __typename
    ... on UserError { message }
    ${link ? `... on ${link} { inviteUrl }` : ''}
  }
}`

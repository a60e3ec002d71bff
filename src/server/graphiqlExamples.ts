/** The tabs that GraphiQL opens with. */
export const examples = [
  {
    query: `# Your organization, its integrations, their
# portals, and the first five invites of each.
query Overview {
  organization {
    id
    name
    integrations(first: 10) {
      totalCount
      edges {
        node {
          id
          name
          portals(first: 10) {
            edges {
              node {
                id
                name
                invites(first: 5) {
                  totalCount
                  edges {
                    node {
                      id
                      name
                      status
                      validTo
                      usesRemaining
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
`,
  },
  {
    query: `# Copy the ids of an integration and its portals
# from the Overview tab into the variables below.
mutation CreateInvite($input: CreateInviteInput!) {
  createInvite(input: $input) {
    __typename
    ... on CreateInvitePayload {
      # Shown only this once.
      inviteUrl
      token
      invite {
        id
        status
        validTo
      }
    }
    ... on UserError {
      code
      message
    }
    ... on InvalidInputError {
      issues {
        path
        message
      }
    }
  }
}
`,
    variables: {
      input: {
        integrationId: 'INTEGRATION_ID',
        portalIds: ['PORTAL_ID'],
        name: 'Visitors',
        expiresIn: '1w',
        maxUses: 5,
        inviteeMessage: [{ locale: 'en', text: 'Welcome! Please ring at the front desk.' }],
      },
    },
  },
  {
    query: `# Press play, then create an invite in another
# window: its event appears here at once.
subscription LiveEvents {
  invitationEvents {
    cursor
    sequence
    type
    previousStatus
    status
    occurredAt
    invitation {
      __typename
      id
    }
  }
}
`,
  },
  {
    query: `# What whoever holds a link sees before accepting.
# It needs no sign-in and consumes no use.
query Preview($token: String!) {
  invitationPreview(token: $token) {
    kind
    organizationName
    name
    status
    validFrom
    expiresAt
    portalNames
    usesRemaining
    acceptable
    closedReason
    message {
      locale
      text
    }
  }
}
`,
    variables: { token: 'TOKEN' },
  },
]

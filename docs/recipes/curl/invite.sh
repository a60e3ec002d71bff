#!/usr/bin/env bash
# Makes an invite to the first portal, and looks at its link as a guest would.
set -euo pipefail
: "${LATCHKEY_URL:=http://127.0.0.1:4000}" "${LATCHKEY_KEY:?Type: export LATCHKEY_KEY=lk_key_…}"

ask() {
  curl -sS "$LATCHKEY_URL/graphql" -H 'content-type: application/json' -d @- "$@"
}
first() {
  grep -oE "$1" | head -1
}

doors=$(ask -H "authorization: Bearer $LATCHKEY_KEY" << 'JSON'
{"query": "{ organization { integrations(first: 1) { edges { node { id portals(first: 1) { edges { node { id } } } } } } } }"}
JSON
)

made=$(ask -H "authorization: Bearer $LATCHKEY_KEY" << JSON
{
  "query": "mutation (\$input: CreateInviteInput!) { createInvite(input: \$input) { ... on CreateInvitePayload { inviteUrl } ... on UserError { code message } } }",
  "variables": {
    "input": {
      "integrationId": "$(first 'integration_\w+' <<< "$doors")",
      "portalIds": ["$(first 'portal_\w+' <<< "$doors")"],
      "name": "Made by curl",
      "expiresIn": "2h30m"
    }
  }
}
JSON
)
echo "$made"

ask << JSON
{
  "query": "query (\$token: String!) { invitationPreview(token: \$token) { name status portalNames acceptable } }",
  "variables": { "token": "$(first 'lk_invite_[A-Za-z0-9_-]+' <<< "$made")" }
}
JSON

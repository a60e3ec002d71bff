#!/usr/bin/env bash
# Prints events as they come, until Ctrl-C. Give it the last id that you have seen, and it continues there.
set -euo pipefail
: "${LATCHKEY_URL:=http://127.0.0.1:4000}" "${LATCHKEY_KEY:?Type: export LATCHKEY_KEY=lk_key_…}"

exec curl -sSN "$LATCHKEY_URL/graphql" \
  -H 'content-type: application/json' \
  -H 'accept: text/event-stream' \
  -H "authorization: Bearer $LATCHKEY_KEY" \
  ${1:+-H "last-event-id: $1"} \
  -d '{"query": "subscription { invitationEvents { cursor sequence type status } }"}'

#!/usr/bin/env bash
# Prints events as they come, until Ctrl-C. Give it the last cursor that you have seen, and it continues there.
set -euo pipefail
: "${LATCHKEY_URL:=http://127.0.0.1:4000}" "${LATCHKEY_KEY:?Type: export LATCHKEY_KEY=lk_key_…}"

after=${1:+\"$1\"}
query='subscription ($after: String) { invitationEvents(after: $after) { cursor sequence type status } }'

exec npx wscat -c "${LATCHKEY_URL/#http/ws}/graphql" -s graphql-transport-ws -w 86400 \
  -x '{"type": "connection_init", "payload": {"apiKey": "'"$LATCHKEY_KEY"'"}}' \
  -x '{"id": "1", "type": "subscribe", "payload": {"query": "'"$query"'", "variables": {"after": '"${after:-null}"'}}}'

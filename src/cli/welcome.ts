import type { Demo } from './demoData.ts'

/** What a developer sees when the server is up: where everything is, and lines to paste. */
export function welcome({
  publicUrl,
  graphiql,
  mailbox,
  demo,
}: {
  publicUrl: string
  graphiql: boolean
  mailbox: boolean
  demo: Demo | undefined
}): string {
  const socket = `${publicUrl.replace(/^http/, 'ws')}/graphql`
  const places = [
    ...(graphiql ? [['GraphiQL', `${publicUrl}/graphql (in a browser)`]] : []),
    ['Board', `${publicUrl}/board (in a browser, with a key)`],
    ['GraphQL', `${publicUrl}/graphql (POST)`],
    ['Subscriptions', `${socket} (graphql-transport-ws), or SSE by POST`],
    ['Schema', `${publicUrl}/schema.graphql`],
    ...(mailbox ? [['Mailbox', `${publicUrl}/dev/mail (what waits for a mail server)`]] : []),
    ['Health', `${publicUrl}/health, ${publicUrl}/ready`],
  ] as const
  const width = Math.max(...places.map(([name]) => name.length))
  const tree = places.map(
    ([name, place], index) => `${index === places.length - 1 ? '└─' : '├─'} ${name.padEnd(width)}  ${place}`,
  )
  return ['', 'Latchkey', ...tree, ...(demo ? ['', ...tryIt(publicUrl, socket, demo)] : []), ''].join('\n')
}

function tryIt(publicUrl: string, socket: string, demo: Demo): string[] {
  const query = JSON.stringify({ query: '{ organization { name invites { totalCount } } }' })
  const init = JSON.stringify({ type: 'connection_init', payload: { apiKey: demo.apiKey } })
  const subscribe = JSON.stringify({
    id: '1',
    type: 'subscribe',
    payload: { query: 'subscription { invitationEvents { sequence type status } }' },
  })
  return [
    'DEVELOPMENT MODE: demo data, and a demo key that is good for a day. NODE_ENV=production has neither.',
    `  ${demo.apiKey}`,
    '',
    'Ask something:',
    `  curl -s ${publicUrl}/graphql -H 'content-type: application/json' -H 'authorization: Bearer ${demo.apiKey}' -d '${query}'`,
    '',
    'Watch what happens, live:',
    `  npx wscat -c ${socket} -s graphql-transport-ws -w 600 -x '${init}' -x '${subscribe}'`,
    '',
    'Then:',
    '  npm run demo    the story of one door, in a few seconds',
    '  npm run doctor  what is wrong, where something is, and what to type',
    '  docs/recipes    programs for graphql-ws, urql, Apollo, Relay and more, which want this:',
    `  export LATCHKEY_URL=${publicUrl} LATCHKEY_KEY=${demo.apiKey}`,
  ]
}

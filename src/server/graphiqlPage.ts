import { examples } from './graphiqlExamples.ts'

export const endpoint = '/graphql'

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="28" height="28" fill="none" stroke="#ea580c" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"><circle cx="11" cy="21" r="7"/><path d="M16 16 28 4M23 9l4 4"/></svg>`

/** The page: where its files are, and what it starts with. */
export function renderPage({
  style,
  scripts,
  settings,
}: {
  style: string
  scripts: string[]
  settings: object
}) {
  // No inline script, so that the policy needs no exception for one; `<` would end the data block early.
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>Latchkey</title>
    <link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
    <link rel="stylesheet" href="${style}">
  </head>
  <body class="no-focus-outline">
    <noscript>GraphiQL needs JavaScript.</noscript>
    <div id="root"></div>
    <script type="application/json" id="settings">${JSON.stringify(settings).replaceAll('<', '\\u003c')}</script>
${scripts.map((path) => `    <script defer src="${path}"></script>`).join('\n')}
  </body>
</html>
`
}

/** How GraphiQL is set up; with a key, every tab sends it. */
export function graphiqlOptions(key: string | undefined) {
  const headers = key ? JSON.stringify({ authorization: `Bearer ${key}` }, null, 2) : undefined
  return {
    title: 'Latchkey',
    logo: icon,
    endpoint,
    subscriptionsProtocol: 'WS',
    shouldPersistHeaders: false,
    // Beside each tab's own: the first tab ignores those, and tabs restored after a reload have lost them.
    headers,
    defaultTabs: examples.map(({ query, variables }) => ({
      query,
      variables: variables && JSON.stringify(variables, null, 2),
      headers,
    })),
  }
}

/** Style. GraphiQL's dragging moves a tab aside as it is pressed, so that the click misses it; the script ends dragging. */
export const tabsStandStill = '.graphiql-tab{transform:none!important}'

/** Runs in the browser, after the bundle. */
export const startScript = `'use strict'
const { workers, graphiql } = JSON.parse(document.getElementById('settings').textContent)
self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_, label) => workers[label] }

// A namespace of our own: other GraphiQLs that run at this origin at other times keep their tabs, and we ours.
const prefix = 'latchkey:'
const storage = {
  getItem: (name) => localStorage.getItem(prefix + name),
  setItem: (name, value) => localStorage.setItem(prefix + name, value),
  removeItem: (name) => localStorage.removeItem(prefix + name),
  clear: () => Object.keys(localStorage).filter((name) => name.startsWith(prefix)).forEach((name) => localStorage.removeItem(name)),
}
// Without a last query, GraphiQL adds an untitled tab to those that it restores.
if (!storage.getItem('graphiql:query')) storage.setItem('graphiql:query', graphiql.defaultTabs[0].query)

document.addEventListener('pointerdown', (event) => {
  if (event.target.closest('.graphiql-tab')) event.stopPropagation()
}, true)

YogaGraphiQL.renderYogaGraphiQL(document.getElementById('root'), {
  ...graphiql,
  storage,
  // Its default copies every query into the address bar, and so a token in it into history and access logs.
  onEditQuery() {},
})
`

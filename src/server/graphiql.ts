import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'
import type { Plugin } from 'graphql-yoga'

const endpoint = '/graphql'
const assetsPath = '/graphiql/'

// Monaco writes <style> elements and style attributes, and its fonts and icons are data: URLs in the style sheet.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  'font-src data:',
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="28" height="28" fill="none" stroke="#ea580c" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"><circle cx="11" cy="21" r="7"/><path d="M16 16 28 4M23 9l4 4"/></svg>`

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': contentSecurityPolicy,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  vary: 'accept',
  'x-content-type-options': 'nosniff',
}

const assetHeaders = {
  'cache-control': 'public, max-age=31536000, immutable',
  vary: 'accept-encoding',
  'x-content-type-options': 'nosniff',
}

/**
 * GraphiQL for browsers, without a CDN: the page at the endpoint, its files below `/graphiql/`.
 * With a key, every request that the page sends is signed with it; so give one only for development.
 */
export function useGraphiql({ key }: { key?: string | undefined }): Plugin {
  // Nine megabytes of source text: loaded when the first browser comes, not when the server starts.
  let loading: Promise<Site> | undefined
  const site = () => {
    loading ??= loadSite(key)
    return loading
  }
  return {
    // Not async itself: it sees every request of the API too, and holds up only those of browsers.
    onRequest({ request, url, fetchAPI, endResponse }) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return
      if (url.pathname === endpoint && request.headers.get('accept')?.includes('text/html')) {
        return site().then(({ page }) => endResponse(new fetchAPI.Response(page, { headers: pageHeaders })))
      }
      if (url.pathname.startsWith(assetsPath)) {
        const accepted = request.headers.get('accept-encoding') ?? ''
        return site()
          .then(({ assets }) => assetReply(assets.get(url.pathname), bestEncoding(accepted)))
          .then(({ body, ...init }) => endResponse(new fetchAPI.Response(body, init)))
      }
    },
  }
}

async function assetReply(asset: Asset | undefined, encoding: Encoding) {
  if (!asset) return { body: 'Not found\n', status: 404, headers: {} }
  const headers = {
    ...assetHeaders,
    'content-type': asset.type,
    ...(encoding !== 'identity' && { 'content-encoding': encoding }),
  }
  return { body: await asset.encoded(encoding), status: 200, headers }
}

interface Site {
  page: string
  assets: Map<string, Asset>
}

async function loadSite(key: string | undefined): Promise<Site> {
  const bundle = await import('@graphql-yoga/render-graphiql/graphiql')
  const assets = new Map<string, Asset>()
  const publish = (name: string, extension: 'js' | 'css', text: string) => {
    const asset = createAsset(text, extension)
    const path = `${assetsPath}${name}.${asset.hash}.${extension}`
    assets.set(path, asset)
    return path
  }
  const page = renderPage({
    style: publish('graphiql', 'css', bundle.css + tabsStandStill),
    scripts: [publish('graphiql', 'js', bundle.js), publish('start', 'js', startScript)],
    settings: {
      workers: {
        editorWorkerService: publish('editor-worker', 'js', bundle.editorWorkerService),
        graphql: publish('graphql-worker', 'js', bundle.graphqlWorker),
        json: publish('json-worker', 'js', bundle.jsonWorker),
      },
      graphiql: graphiqlOptions(key),
    },
  })
  return { page, assets }
}

function createAsset(text: string, extension: keyof typeof contentTypes) {
  const source = Buffer.from(text)
  const kept: Partial<Record<Encoding, Promise<Buffer<ArrayBuffer>>>> = {}
  return {
    hash: createHash('sha256').update(source).digest('hex').slice(0, 16),
    type: contentTypes[extension],
    encoded(encoding: Encoding) {
      kept[encoding] ??= encoders[encoding](source)
      return kept[encoding]
    },
  }
}

type Asset = ReturnType<typeof createAsset>
type Encoding = keyof typeof encoders

const contentTypes = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' }

// Quality 4 is the knee: 5 MB in 0.14 s to 1.4 MB, where the best takes nine seconds to reach 1.1 MB.
const encoders = {
  br: (source: Buffer) => promisify(brotliCompress)(source, { params: { [zlib.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: (source: Buffer) => promisify(gzip)(source),
  identity: async (source: Buffer<ArrayBuffer>) => source,
}

function bestEncoding(acceptEncoding: string): Encoding {
  const accepted = acceptEncoding
    .toLowerCase()
    .split(',')
    .map((part) => part.split(';').map((piece) => piece.trim()))
    .filter(([, quality]) => !quality || Number(quality.replace('q=', '')) > 0)
    .map(([name]) => name)
  if (accepted.includes('br')) return 'br'
  return accepted.includes('gzip') ? 'gzip' : 'identity'
}

function renderPage({ style, scripts, settings }: { style: string; scripts: string[]; settings: object }) {
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

function graphiqlOptions(key: string | undefined) {
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

// GraphiQL's dragging moves a tab aside as it is pressed, so that the click misses it; the script ends dragging.
const tabsStandStill = '.graphiql-tab{transform:none!important}'

// Runs in the browser, after the bundle.
const startScript = `'use strict'
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

const examples = [
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

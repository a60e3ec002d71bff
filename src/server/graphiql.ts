import type { Plugin } from 'graphql-yoga'
import { type Asset, assetReply, createAsset } from './assets.ts'
import { endpoint, graphiqlOptions, renderPage, startScript, tabsStandStill } from './graphiqlPage.ts'

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

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': contentSecurityPolicy,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  vary: 'accept',
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
      if (url.pathname === '/' && request.headers.get('accept')?.includes('text/html')) {
        return endResponse(new fetchAPI.Response(null, { status: 303, headers: { location: 'graphql' } }))
      }
      if (url.pathname === endpoint && request.headers.get('accept')?.includes('text/html')) {
        return site().then(({ page }) => endResponse(new fetchAPI.Response(page, { headers: pageHeaders })))
      }
      if (url.pathname.startsWith(assetsPath)) {
        const accepted = request.headers.get('accept-encoding') ?? ''
        return site()
          .then(({ assets }) => assetReply(assets.get(url.pathname), accepted))
          .then(({ body, ...init }) => endResponse(new fetchAPI.Response(body, init)))
      }
    },
  }
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

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { Plugin } from 'graphql-yoga'
import { type Asset, assetReply, createAsset } from './assets.ts'

const folder = new URL('../board/', import.meta.url)

/** How the board's modules name the library, as any bundler would understand it; browsers need a file. */
const LIBRARY = 'graphql-ws/client'

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Over WebSocket too: 'self' is this host by any of the schemes that HTTP upgrades to.
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': contentSecurityPolicy,
  'cache-control': 'no-store',
  'x-robots-tag': 'noindex',
}

interface Site {
  page: string
  assets: Map<string, Asset>
}

/**
 * The live board: the page at `/board`, its files below `/board/<hash of them all>/`, so that they can
 * name each other as they do in `src/board` and browsers can keep them for good.
 */
export function useBoard(): Plugin {
  let loading: Promise<Site> | undefined
  const site = () => {
    loading ??= loadSite()
    return loading
  }
  return {
    // Not async itself: it sees every request of the API too.
    onRequest({ request, url, fetchAPI, endResponse }) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return
      if (url.pathname === '/board') {
        return site().then(({ page }) => endResponse(new fetchAPI.Response(page, { headers: pageHeaders })))
      }
      if (url.pathname.startsWith('/board/')) {
        const accepted = request.headers.get('accept-encoding') ?? ''
        return site()
          .then(({ assets }) => assetReply(assets.get(url.pathname), accepted))
          .then(({ body, ...init }) => endResponse(new fetchAPI.Response(body, init)))
      }
    },
  }
}

async function loadSite(): Promise<Site> {
  const files = new Map<string, string>(await libraryFiles())
  for (const name of await readdir(folder)) files.set(name, await readFile(new URL(name, folder), 'utf8'))
  const page = files.get('page.html') ?? ''
  files.delete('page.html')

  const hash = createHash('sha256')
  for (const [name, text] of files) hash.update(`${name}\0${text}\0`)
  // Relative to the page, so that it works below a path of a proxy's too.
  const path = `board/${hash.digest('hex').slice(0, 16)}`
  const assets = new Map<string, Asset>()
  const preloads: string[] = []
  for (const [name, text] of files) {
    const extension = name.slice(name.lastIndexOf('.') + 1) as 'js' | 'css' | 'svg'
    assets.set(`/${path}/${name}`, createAsset(text.replace(`'${LIBRARY}'`, `'./${LIBRARY}.js'`), extension))
    // Without these a browser learns of each module only by the one that imports it.
    if (extension === 'js') preloads.push(`<link rel="modulepreload" href="${path}/${name}">`)
  }
  return { page: page.replaceAll('{files}', path).replace('{preloads}', preloads.join('\n    ')), assets }
}

/** graphql-ws is made of modules that browsers take as they are: its client, and what that imports. */
async function libraryFiles(): Promise<[name: string, text: string][]> {
  const client = new URL(import.meta.resolve(LIBRARY))
  const text = await readFile(client, 'utf8')
  const imported = [...new Set([...text.matchAll(/from '\.\/([\w.-]+)'/g)].map(([, name = '']) => name))]
  const others = imported.map(
    async (name) => [`graphql-ws/${name}`, await readFile(new URL(name, client), 'utf8')] as [string, string],
  )
  return [[`${LIBRARY}.js`, text], ...(await Promise.all(others))]
}

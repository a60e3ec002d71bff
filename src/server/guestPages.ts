import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import type { Plugin } from 'graphql-yoga'
import { accentSheet } from '#pages/color.ts'
import { Pages } from '#pages/pages.ts'
import { type Asset, assetReply, createAsset } from './assets.ts'
import { GuestDesk, type GuestDeskOptions } from './guestDesk.ts'

const ROUTE = /^\/invite\/(?:([^/]+)(?:\/(open|live|calendar\.ics))?\/?)?$/
const ASSETS = '/pages/'
const ACCENT = /^\/pages\/accent\/([0-9a-f]{6})\.css$/

/** What may be done at each address below a link. */
const methods: Record<string, string> = {
  page: 'GET, HEAD, POST, OPTIONS',
  open: 'GET, HEAD, POST, OPTIONS',
  live: 'GET, OPTIONS',
  'calendar.ics': 'GET, HEAD, OPTIONS',
}

export interface GuestPagesOptions extends Omit<GuestDeskOptions, 'pages'> {
  /** Where a request comes from, as limits count it. */
  addressOf: (request: Request, req: IncomingMessage | undefined) => string
}

/** The pages behind the links, at `/invite/<token>`, and their files below `/pages/`. */
export function useGuestPages({
  addressOf,
  ...options
}: GuestPagesOptions): Plugin<object, { req?: IncomingMessage }> {
  const { assets, files } = loadFiles()
  const { pathname } = new URL(options.publicUrl)
  const desk = new GuestDesk({ ...options, pages: new Pages(pathname.replace(/\/$/, ''), files) })

  const assetAt = (path: string): Asset | undefined => {
    const [, accent] = ACCENT.exec(path) ?? []
    return accent ? createAsset(accentSheet(accent), 'css') : assets.get(path)
  }

  return {
    // Not async itself: it sees every request of the API too.
    onRequest({ request, url, serverContext, fetchAPI, endResponse }) {
      if (!/^https?:\/\/[^/?#]*\/(?:invite|pages)\//.test(request.url)) return
      const isRead = request.method === 'GET' || request.method === 'HEAD'
      if (isRead && url.pathname.startsWith(ASSETS)) {
        const accepted = request.headers.get('accept-encoding') ?? ''
        return assetReply(assetAt(url.pathname), accepted).then(({ body, ...init }) =>
          endResponse(new fetchAPI.Response(request.method === 'HEAD' ? null : body, init)),
        )
      }
      const route = ROUTE.exec(url.pathname)
      if (!route) return
      const [, token, part = 'page'] = route
      const allow = methods[part] ?? ''
      if (request.method === 'OPTIONS') {
        return endResponse(new fetchAPI.Response(null, { status: 204, headers: { allow } }))
      }
      const address = addressOf(request, serverContext?.req)
      const isAllowed = allow.split(', ').includes(request.method)
      return desk
        .answer({ request, address, token: token ?? '', part: isAllowed ? part : 'refused', allow })
        .then(endResponse)
    },
  }
}

function loadFiles() {
  const assets = new Map<string, Asset>()
  const publish = (name: string, extension: 'css' | 'js' | 'svg') => {
    const file = new URL(`../pages/assets/${name}.${extension}`, import.meta.url)
    const asset = createAsset(readFileSync(file, 'utf8'), extension)
    const path = `${ASSETS}${name}.${asset.hash}.${extension}`
    assets.set(path, asset)
    return path
  }
  const files = { style: publish('page', 'css'), script: publish('page', 'js'), icon: publish('icon', 'svg') }
  return { assets, files }
}

import type { TestApp } from '../kit/app.ts'

/** A browser without a screen: it keeps cookies as their paths say, and sends what a browser sends. */
export function visitor(app: Pick<TestApp, 'fetch'>, headers: Record<string, string> = {}) {
  const jar = new Map<string, { path: string; pair: string }>()

  async function send(path: string, init: RequestInit = {}) {
    const pairs = [...jar.values()].filter((cookie) => `${path}/`.startsWith(`${cookie.path}/`))
    const sent = new Headers({ ...headers, ...(init.headers as Record<string, string>) })
    if (pairs.length > 0) sent.set('cookie', pairs.map(({ pair }) => pair).join('; '))
    const response = await app.fetch(new Request(`http://latchkey.test${path}`, { ...init, headers: sent }))
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ')
      const at = attributes.find((attribute) => attribute.startsWith('Path='))?.slice('Path='.length) ?? '/'
      jar.set(at, { path: at, pair })
    }
    return response
  }

  const get = (path: string, more: Record<string, string> = {}) => send(path, { headers: more })
  const post = (path: string, fields: Record<string, string>, more: Record<string, string> = {}) =>
    send(path, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { 'sec-fetch-site': 'same-origin', ...more },
    })

  return {
    jar,
    send,
    get,
    post,
    async text(path: string) {
      return (await get(path)).text()
    },
    /** Fills the form of a page in and sends it, as the button does. */
    async submit(path: string, fields: Record<string, string> = {}) {
      const [, nonce = ''] = /name="nonce" value="([^"]+)"/.exec(await (await get(path)).text()) ?? []
      return post(path, { nonce, ...fields })
    },
  }
}

/** What of a page can be read, tags left out. */
export const wordsOf = (html: string) =>
  html
    .replace(/<head>[\s\S]*<\/head>/, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

import { bodyOf } from './parameters.ts'

/** Bytes that a form may have: a name and two identifiers, and no more. */
const MAX_FORM_BYTES = 4096

/** Why a form was not read; nothing was done. */
export type FormFault = 'CROSS_SITE' | 413 | 415 | 400

/**
 * The fields of a form that a page of ours has sent, or why they are not taken. Browsers say where a request
 * comes from, by Sec-Fetch-Site or, if they are older, by Origin; who says neither is no browser with our page.
 */
export async function readForm(request: Request, publicUrl: string): Promise<FormFault | URLSearchParams> {
  if (!isOwn(request, publicUrl)) return 'CROSS_SITE'
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) return 415
  const bytes = await bodyOf(request, MAX_FORM_BYTES)
  if (!bytes) return 413
  try {
    return new URLSearchParams(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return 400
  }
}

function isOwn({ headers }: Request, publicUrl: string): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin' || site === 'none'
  return headers.get('origin') === new URL(publicUrl).origin
}

/**
 * What pages let browsers tell of their address, in which the secret is. Over plain HTTP to another machine
 * browsers send no Sec-Fetch-Site, and under `no-referrer` no Origin either: there our own forms need it.
 */
export function referrerPolicyOf(publicUrl: string): string {
  const { protocol, hostname } = new URL(publicUrl)
  const isTrusted = protocol === 'https:' || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)
  return isTrusted ? 'no-referrer' : 'same-origin'
}

const NAME = 'latchkey_grant'
/** As long as browsers keep any cookie. */
const LONGEST_SECONDS = 400 * 86_400

/** The secret of what was granted to this browser; of this link, since the cookie goes to its address only. */
export const grantCookieOf = ({ headers }: Request): string | undefined =>
  /(?:^|;\s*)latchkey_grant=([\w-]+)/.exec(headers.get('cookie') ?? '')?.[1]

/** The cookie that keeps a grant until it ends: out of the reach of scripts, of other sites and of other links. */
export function grantCookie(grantToken: string, path: string, isSecure: boolean, ms: number | null): string {
  const seconds = Math.min(ms === null ? LONGEST_SECONDS : Math.ceil(ms / 1000), LONGEST_SECONDS)
  const parts = [`${NAME}=${grantToken}`, `Path=${path}`, `Max-Age=${seconds}`, 'HttpOnly', 'SameSite=Lax']
  return [...parts, ...(isSecure ? ['Secure'] : [])].join('; ')
}

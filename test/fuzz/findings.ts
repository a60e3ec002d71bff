/** What no answer may hold: our insides. */
const LEAKS: [what: string, pattern: RegExp][] = [
  ['a stack frame', /\bat .{0,200}\(.{0,200}:\d+:\d+\)/],
  ['SQL', /\b(?:select .{1,200} from|insert into|delete from|update .{1,80} set|begin immediate)\b/i],
  ['the database', /SQLITE|better-sqlite3|kysely/i],
  ['a path', /node_modules|file:\/\/|\/(?:work|tmp|home|root|usr)\/|\.ts:\d/],
  ['a masked error, and so a bug', /INTERNAL_SERVER_ERROR/],
]

export interface Finding {
  what: string
  request: string
  answer: string
  count: number
}

/** What was found, each kind once, with the first request that showed it. */
export class Findings {
  readonly #found = new Map<string, Finding>()
  /** What the server logged as an error since it was last asked. */
  readonly logged: string[] = []

  get all(): readonly Finding[] {
    return [...this.#found.values()]
  }

  /** What is wrong with an answer, if anything. */
  faultOf(answer: string, status = 200): string | undefined {
    if (status >= 500) return `status ${status}`
    return LEAKS.find(([, pattern]) => pattern.test(answer))?.[0]
  }

  /** Whether it is the first of its kind. */
  add(what: string, request: string, answer: string): boolean {
    const cause = this.logged.splice(0).map(causeOf)
    const kind = [what, ...new Set(cause)].join('\n    ')
    const known = this.#found.get(kind)
    if (known) known.count++
    else this.#found.set(kind, { what: kind, request, answer: answer.slice(0, 1500), count: 1 })
    return !known
  }

  /** Puts a smaller request in the place of the first one. */
  minimized(request: string) {
    const last = this.all.at(-1)
    if (last) last.request = request
  }
}

/** Of a line of the log: the message, and where it was thrown. */
function causeOf(line: string): string {
  const { err, msg } = JSON.parse(line) as { err?: { message?: string; stack?: string }; msg?: string }
  const frames = err?.stack?.split('\n').filter((frame) => /^\s+at /.test(frame)) ?? []
  return [msg, err?.message, ...frames.slice(0, 3).map((frame) => frame.trim())]
    .filter(Boolean)
    .join(' | ')
    .slice(0, 600)
}

/** The smallest of the parts that still shows it, found by leaving out more and more of them. */
export async function minimize(
  parts: readonly string[],
  shows: (parts: readonly string[]) => Promise<boolean>,
) {
  let kept = parts
  let tries = 150
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length && tries > 0; ) {
      const fewer = kept.toSpliced(at, size)
      tries--
      if (await shows(fewer)) kept = fewer
      else at += size
    }
  }
  return kept
}

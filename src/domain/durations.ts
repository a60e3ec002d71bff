const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
const MAX_SECONDS = 3650 * 86_400

const ISO = /^P(?=\d|T\d)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/
const ISO_UNITS = ['w', 'd', 'h', 'm', 's'] as const
const COMPACT = /^(?:\d+[smhdw])+$/
const LETTERS_AS_MINUTES = /M/g

/**
 * Milliseconds of `PT1H`, `P1W`, `1h`, `2h30m`; undefined for anything else, for nothing, and for more than
 * 3650 days. There are no months and no years; in compact form `m` and `M` are minutes.
 */
export function parseDuration(text: string): number | undefined {
  const seconds = isoSeconds(text.trim()) ?? compactSeconds(text.trim())
  if (seconds === undefined || seconds <= 0 || seconds > MAX_SECONDS) return undefined
  return seconds * 1000
}

export const DURATION_HELP =
  'Use an ISO 8601 duration (PT1H, P1W; no months or years) or a compact one (30m, 2h30m, 1w), more than zero and at most 3650 days.'

function isoSeconds(text: string): number | undefined {
  const parts = ISO.exec(text)
  if (!parts) return undefined
  return ISO_UNITS.reduce((sum, unit, index) => sum + Number(parts[index + 1] ?? 0) * (UNITS[unit] ?? 0), 0)
}

function compactSeconds(text: string): number | undefined {
  const compact = text.replace(LETTERS_AS_MINUTES, 'm')
  if (!COMPACT.test(compact)) return undefined
  let seconds = 0
  const seen = new Set<string>()
  for (const [, amount, unit = ''] of compact.matchAll(/(\d+)([smhdw])/g)) {
    if (seen.has(unit)) return undefined
    seen.add(unit)
    seconds += Number(amount) * (UNITS[unit] ?? 0)
  }
  return seconds
}

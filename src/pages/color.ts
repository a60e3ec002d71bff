import { hash } from 'node:crypto'
import type { Organization } from '#db/tables.ts'

type Rgb = readonly [number, number, number]

const WHITE: Rgb = [255, 255, 255]
const BLACK: Rgb = [0, 0, 0]

// What text in the accent colour stands on, as the style sheet has it: each time the one that it shows least on.
const LIGHT: Rgb = [244, 243, 240]
const DARK: Rgb = [38, 40, 46]

/** What WCAG 2 asks of text, level AA, and a little for rounding. */
const READABLE = 4.6

/** The colour of an organization's pages, as six digits: its own, or one that its id makes. */
export function accentOf({ id, color }: Pick<Organization, 'id' | 'color'>): string {
  if (color) return color.slice(1)
  const hue = Number.parseInt(hash('sha256', id).slice(0, 4), 16) % 360
  return hexOf(fromHue(hue, 0.48, 0.4))
}

/** What a style sheet needs of a colour, readable whatever the colour is. */
export function accentSheet(hex: string): string {
  const accent = parsed(hex)
  return `:root {
  --accent: #${hex};
  --on-accent: #${hexOf(contrast(accent, WHITE) >= contrast(accent, BLACK) ? WHITE : BLACK)};
  --accent-ink: #${hexOf(readable(accent, LIGHT, BLACK))};
}
@media (prefers-color-scheme: dark) {
  :root {
    --accent-ink: #${hexOf(readable(accent, DARK, WHITE))};
  }
}
`
}

/** The colour, moved towards another one until it can be read on this ground. */
function readable(color: Rgb, ground: Rgb, towards: Rgb): Rgb {
  for (let step = 0; step < 50; step++) {
    const mixed = mix(color, towards, step / 50)
    if (contrast(mixed, ground) >= READABLE) return mixed
  }
  return towards
}

const mix = (a: Rgb, b: Rgb, share: number): Rgb => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
]

/** The contrast of two colours, by WCAG 2. */
function contrast(a: Rgb, b: Rgb): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((channel) => {
    const value = channel / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

const parsed = (hex: string): Rgb => [
  Number.parseInt(hex.slice(0, 2), 16),
  Number.parseInt(hex.slice(2, 4), 16),
  Number.parseInt(hex.slice(4, 6), 16),
]

const hexOf = (color: Rgb) =>
  color.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')

/** By hue in degrees, saturation and lightness. */
function fromHue(hue: number, saturation: number, lightness: number): Rgb {
  const reach = saturation * Math.min(lightness, 1 - lightness)
  const channel = (offset: number) => {
    const turn = (offset + hue / 30) % 12
    return 255 * (lightness - reach * Math.max(-1, Math.min(turn - 3, 9 - turn, 1)))
  }
  return [channel(0), channel(8), channel(4)]
}

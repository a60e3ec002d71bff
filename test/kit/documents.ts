/** The parts, written one after the other. */
export const times = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ')

/** The inner part, wrapped that many times. */
export const nested = (count: number, around: string, inner: string) =>
  `${`${around} { `.repeat(count)}${inner}${' }'.repeat(count)}`

/** The arguments and the items of a page. */
export const page = (size: string, inner = 'id') => `(first: ${size}) { edges { node { ${inner} } } }`

/** Integrations, their portals, the invites of each: so many at each level. */
export const overview = (integrations: string, portals: string, invites: string) =>
  `organization { integrations${page(integrations, `id portals${page(portals, `id invites${page(invites)}`)}`)} }`

/** Fragments of which each spreads the next one twice: one kilobyte that asks for half a million fields. */
export function aliasBomb(fragments: number, inner = 'id') {
  const doubling = times(
    fragments,
    (i) => `fragment F${i} on Organization { a: parent { ...F${i + 1} } b: parent { ...F${i + 1} } }`,
  )
  return `{ organization { ...F0 } } ${doubling} fragment F${fragments} on Organization { ${inner} }`
}

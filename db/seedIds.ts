import { hash } from 'node:crypto'
import { START } from './seedCourses.ts'

export interface SeedSize {
  organizations: number
  invites: number
}

/**
 * The secret of the n-th seeded invite, guest invitation or grant, counted from 1 over all organizations.
 * Grant 10 × n + u comes of use u (0, 1, …) of invite n. Whoever reads this knows them all.
 */
export const seededToken = (n: number, kind: 'invite' | 'guest' | 'grant' = 'invite') =>
  `lk_${kind}_${hash('sha256', `latchkey seed ${kind} ${n}`, 'base64url')}`

/** Shaped like any other id, a UUIDv7 in TypeID's base 32; its random part is the number. */
export const seededId = (prefix: string, n: number, at = START) =>
  `${prefix}_${base32(at, 10)}e008${base32(n, 12)}`

const base32 = (number: number, digits: number) => {
  let text = ''
  for (let rest = number; text.length < digits; rest = Math.floor(rest / 32)) {
    text = '0123456789abcdefghjkmnpqrstvwxyz'.charAt(rest % 32) + text
  }
  return text
}

/** Numbers from 0 to 1 (mulberry32): the same ones for the same seed. */
export function randomNumbers(seed: number) {
  let state = seed * 0x9e3779b1
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Which of all invites are this organization's: a run of numbers, all runs alike in length. */
export function numbersOf({ organizations, invites }: SeedSize, organization: number) {
  const before = (index: number) => Math.floor((index * invites) / organizations)
  return { first: before(organization - 1) + 1, last: before(organization) }
}

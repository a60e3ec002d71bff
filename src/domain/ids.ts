import { v7 } from 'uuid'

/** The kinds of things that have an id, each with the prefix that names it: `invite_01jd…`. */
const prefixes = {
  Organization: 'org',
  ApiKey: 'key',
  Integration: 'integration',
  Portal: 'portal',
  Invite: 'invite',
  AccessGrant: 'grant',
  PortalOpening: 'opening',
  GuestInvitation: 'guest_invitation',
  MemberInvitation: 'member_invitation',
  JoinLink: 'join_link',
  OrganizationConnection: 'connection',
  User: 'user',
  Membership: 'membership',
  Activity: 'activity',
} as const

export type IdType = keyof typeof prefixes

const types = new Map<string, IdType>(
  Object.entries(prefixes).map(([type, prefix]) => [prefix, type as IdType]),
)

/** A new id, TypeID-style: later ids of a type sort after earlier ones, in one process even within a millisecond. */
export const newId = (type: IdType) => `${prefixes[type]}_${base32(v7(undefined, new Uint8Array(16)))}`

/** What kind of thing the id names; undefined where it is not an id. */
export function typeOfId(id: string): IdType | undefined {
  const [, prefix = ''] = /^([a-z_]+)_[0-7][0-9a-hjkmnp-tv-z]{25}$/.exec(id) ?? []
  return types.get(prefix)
}

export const prefixOf = (type: IdType) => prefixes[type]

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** Crockford's base 32 of 128 bits, in 26 characters, as TypeID has it. */
function base32(bytes: Uint8Array): string {
  let number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (let digit = 0; digit < 26; digit++) {
    text = ALPHABET[Number(number & 31n)] + text
    number >>= 5n
  }
  return text
}

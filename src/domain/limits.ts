/** How much of everything there may be; each can be configured. */
export interface Limits {
  /** Items that a page may hold; more is refused. */
  readonly pageSize: number
  readonly defaultPageSize: number
  /** Guest invitations that may be open at once, per organization. */
  readonly openInvitations: number
  /** Tokens that an address may guess wrong, over all processes. */
  readonly unknownTokensPerMinute: number
  /** Mutations of one key or user, in each process. */
  readonly mutationsPerMinute: number
}

export const defaultLimits: Limits = {
  pageSize: 100,
  defaultPageSize: 20,
  openInvitations: 200,
  unknownTokensPerMinute: 10,
  mutationsPerMinute: 6000,
}

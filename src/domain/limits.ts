/** How much of everything there may be; each can be configured. */
export interface Limits {
  /** Items that a page may hold; more is refused. */
  readonly pageSize: number
  readonly defaultPageSize: number
  /** Guest and member invitations that may be open at once, per organization. */
  readonly openInvitations: number
  /** Tokens that an address may guess wrong, over all processes. */
  readonly unknownTokensPerMinute: number
  /** Mails to one address, whoever sends them. */
  readonly mailsPerRecipientAnHour: number
  /** Mails on behalf of one user or key. */
  readonly mailsPerInviterAnHour: number
  readonly mailsPerOrganizationADay: number
  /** Mutations of one key or user, in each process. */
  readonly mutationsPerMinute: number
}

export const defaultLimits: Limits = {
  pageSize: 100,
  defaultPageSize: 20,
  openInvitations: 200,
  unknownTokensPerMinute: 10,
  mailsPerRecipientAnHour: 5,
  mailsPerInviterAnHour: 100,
  mailsPerOrganizationADay: 100,
  mutationsPerMinute: 6000,
}

import { z } from 'zod'
import { asymmetricAlgorithms } from '#server/jwtAlgorithms.ts'

const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` })
const flag = oneOf(['true', 'false']).transform((value) => value === 'true')
const port = z
  .string()
  .refine((value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535, 'must be a number from 0 to 65535')
  .transform(Number)

/** What stands before paths: no query, no fragment, and no password that links would spread. */
const isBase = (value: string) => {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) return false
  return !url.search && !url.hash && !url.username && !url.password
}
const origins = z
  .string()
  .transform((value) => value.split(',').flatMap((part) => part.trim() || []))
  .refine(
    (values) => values.every(isBase),
    'must be origins like https://app.example.com, with commas between',
  )
  .transform((values) => values.map((value) => new URL(value).origin))

const list = z.string().transform((value) => value.split(',').flatMap((part) => part.trim() || []))
const count = (least: number, most: number) =>
  z
    .string()
    .refine(
      (value) => /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most,
      `must be a number from ${least} to ${most}`,
    )
    .transform(Number)
const address = z.string().refine(isBase, 'must be a URL')

/** Where plain HTTP leaves no machine. */
const isLoopback = ({ hostname }: URL) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)

/** Nothing but a server and who we are there. */
const isSmtp = (value: string) => {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^smtps?:$/.test(url.protocol) || !url.hostname) return false
  return /^\/?$/.test(url.pathname) && !url.search && !url.hash && isDecodable(url)
}
const isDecodable = ({ username, password }: URL) => {
  try {
    return decodeURIComponent(username + password) !== undefined
  } catch {
    return false
  }
}

/** An address, or a name and one in angle brackets. */
const SENDER = /^(?:"?(?<name>[^"<>\p{C}]*?)"?\s*<(?<inner>[^<>\s]+)>|(?<bare>[^<>\s]+))$/u
const sender = z
  .string()
  .transform((value) => {
    const { name = '', inner, bare = '' } = SENDER.exec(value.trim())?.groups ?? {}
    return { name, address: inner ?? bare }
  })
  .refine(
    ({ address: given }) => z.email().safeParse(given).success,
    'must be an address, or look like Latchkey <no-reply@example.com>',
  )

const fields = z.object({
  NODE_ENV: oneOf(['development', 'test', 'production']).default('development'),
  PORT: port.default(4000),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: z
    .string()
    .regex(/^file:.+/, 'must look like file:data/latchkey.db')
    .default('file:data/latchkey.db'),
  PUBLIC_URL: z
    .string()
    .refine(isBase, 'must look like https://latchkey.example.com')
    .transform((value) => value.replace(/\/+$/, ''))
    .optional(),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).optional(),
  CORS_ORIGINS: origins.default([]),
  GRAPHIQL: flag.optional(),
  /** A JSON file of ids and documents: the only ones that may run. */
  ALLOWED_DOCUMENTS: z.string().optional(),
  /** Whether queries may come by GET. */
  ALLOW_GET: flag.default(false),
  /** How many proxies stand in front, each adding to X-Forwarded-For. */
  TRUST_PROXY: count(0, 10).default(0),
  UNKNOWN_TOKENS_PER_MINUTE: count(1, 1_000_000).optional(),
  MUTATIONS_PER_MINUTE: count(1, 100_000_000).optional(),
  OPEN_INVITATIONS: count(1, 1_000_000).optional(),
  MAILS_PER_RECIPIENT_AN_HOUR: count(1, 1000).optional(),
  MAILS_PER_INVITER_AN_HOUR: count(1, 1_000_000).optional(),
  MAILS_PER_ORGANIZATION_A_DAY: count(1, 100_000_000).optional(),
  SMTP_URL: z
    .string()
    .refine(isSmtp, 'must look like smtps://user:password@mail.example.com')
    .transform((value) => new URL(value))
    .optional(),
  MAIL_FROM: sender.optional(),
  /** A folder of templates in the place of those built in, or beside them. */
  MAIL_TEMPLATES: z.string().optional(),
  JWT_ISSUER: address.optional(),
  JWT_AUDIENCE: z.string().regex(/^\S+$/, 'must be one word or URL, without blanks').optional(),
  JWT_JWKS_URL: address.optional(),
  JWT_ALGORITHMS: list
    .pipe(z.array(oneOf(asymmetricAlgorithms)).min(1, 'must name at least one algorithm'))
    .optional(),
  /** In seconds. */
  JWT_CLOCK_TOLERANCE: count(0, 300).default(30),
})

type Variables = Partial<Record<keyof z.input<typeof fields>, string>>

/** Faults of variables that must fit each other, found in what was set: told beside those of each alone. */
function jointFaults(set: Variables): string[] {
  const faults: string[] = []
  if (set.SMTP_URL && !set.MAIL_FROM) faults.push('MAIL_FROM must be set with SMTP_URL')
  if (set.JWT_ISSUER && !set.JWT_AUDIENCE) faults.push('JWT_AUDIENCE must be set with JWT_ISSUER')
  if (!set.JWT_ISSUER) {
    for (const name of jwtDetails) if (set[name]) faults.push(`${name} needs JWT_ISSUER`)
  }
  const jwksUrl = URL.parse(set.JWT_JWKS_URL ?? jwksUrlOf(set.JWT_ISSUER ?? ''))
  if (
    (set.NODE_ENV ?? 'development') !== 'development' &&
    jwksUrl?.protocol === 'http:' &&
    !isLoopback(jwksUrl)
  ) {
    faults.push('JWT_JWKS_URL must be https: whoever can change the keys on the way can sign in as anyone')
  }
  return faults
}

const jwtDetails = ['JWT_AUDIENCE', 'JWT_JWKS_URL', 'JWT_ALGORITHMS', 'JWT_CLOCK_TOLERANCE'] as const

const jwksUrlOf = (issuer: string) => `${issuer.replace(/\/+$/, '')}/.well-known/jwks.json`

/** Undefined without an issuer: then only API keys sign in. */
function identityProviderOf(data: z.output<typeof fields>) {
  if (!data.JWT_ISSUER || !data.JWT_AUDIENCE) return undefined
  return {
    issuer: data.JWT_ISSUER,
    audience: data.JWT_AUDIENCE,
    jwksUrl: data.JWT_JWKS_URL ?? jwksUrlOf(data.JWT_ISSUER),
    algorithms: data.JWT_ALGORITHMS,
    clockToleranceSeconds: data.JWT_CLOCK_TOLERANCE,
  }
}

/** Undefined without a mail server: then mails wait. */
function smtpOf({ SMTP_URL: url, MAIL_FROM: from, NODE_ENV: mode }: z.output<typeof fields>) {
  if (!url || !from) return undefined
  const isLocal = isLoopback(url)
  return { url, from, isLocal, requireTls: !isLocal && mode !== 'development' }
}

export type Env = ReturnType<typeof readEnv>

/** Faults of the configuration, all of them, one a line. */
export class EnvError extends Error {}

/** The configuration, read once; whatever is not set has a default that is safe. */
export function readEnv(variables: NodeJS.ProcessEnv) {
  // An empty variable is one that is not set.
  const set: Variables = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
  const { data, error } = fields.safeParse(set)
  const issues = error?.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`) ?? []
  const faults = [...new Set([...issues, ...jointFaults(set)])]
  if (!data || faults.length > 0) {
    throw new EnvError(`The environment is not right:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
  }
  const production = data.NODE_ENV === 'production'
  return {
    production,
    port: data.PORT,
    host: data.HOST,
    databaseUrl: data.DATABASE_URL,
    publicUrl: data.PUBLIC_URL,
    logLevel: data.LOG_LEVEL ?? (production ? 'info' : 'warn'),
    corsOrigins: data.CORS_ORIGINS,
    graphiql: data.GRAPHIQL ?? !production,
    allowedDocuments: data.ALLOWED_DOCUMENTS,
    allowGet: data.ALLOW_GET,
    trustedProxies: data.TRUST_PROXY,
    identityProvider: identityProviderOf(data),
    limits: {
      ...(data.UNKNOWN_TOKENS_PER_MINUTE && { unknownTokensPerMinute: data.UNKNOWN_TOKENS_PER_MINUTE }),
      ...(data.MUTATIONS_PER_MINUTE && { mutationsPerMinute: data.MUTATIONS_PER_MINUTE }),
      ...(data.OPEN_INVITATIONS && { openInvitations: data.OPEN_INVITATIONS }),
      ...(data.MAILS_PER_RECIPIENT_AN_HOUR && { mailsPerRecipientAnHour: data.MAILS_PER_RECIPIENT_AN_HOUR }),
      ...(data.MAILS_PER_INVITER_AN_HOUR && { mailsPerInviterAnHour: data.MAILS_PER_INVITER_AN_HOUR }),
      ...(data.MAILS_PER_ORGANIZATION_A_DAY && {
        mailsPerOrganizationADay: data.MAILS_PER_ORGANIZATION_A_DAY,
      }),
    },
    smtp: smtpOf(data),
    mailTemplates: data.MAIL_TEMPLATES,
  }
}

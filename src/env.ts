import { z } from 'zod'

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

const schema = z.object({
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
})

export type Env = ReturnType<typeof readEnv>

/** Faults of the configuration, all of them, one a line. */
export class EnvError extends Error {}

/** The configuration, read once; whatever is not set has a default that is safe. */
export function readEnv(variables: NodeJS.ProcessEnv) {
  // An empty variable is one that is not set.
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
  const { data, error } = schema.safeParse(set)
  if (error) {
    const faults = error.issues.map((issue) => `  ${String(issue.path[0])} ${issue.message}`)
    throw new EnvError(`The environment is not right:\n${faults.join('\n')}`)
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
  }
}

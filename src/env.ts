import { z } from 'zod'

const flag = z.enum(['true', 'false']).transform((value) => value === 'true')
const list = z.string().transform((value) => value.split(',').flatMap((part) => part.trim() || []))
const origin = z.url({ protocol: /^https?$/ }).transform((value) => new URL(value).origin)

const schema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATABASE_URL: z
    .string()
    .regex(/^file:.+/, 'must look like file:data/latchkey.db')
    .default('file:data/latchkey.db'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .transform((value) => value.replace(/\/+$/, ''))
    .optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).optional(),
  CORS_ORIGINS: list.pipe(z.array(origin)).default([]),
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
    const faults = error.issues.map((issue) => `  ${issue.path[0]?.toString()}: ${issue.message}`)
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

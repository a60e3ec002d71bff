import { existsSync } from 'node:fs'
import { createRemoteJWKSet } from 'jose'
import { databaseFile } from '#db/client.ts'
import { databaseId } from '#db/migrate.ts'
import { AllowedDocuments } from '#server/allowedDocuments.ts'
import type { Env } from '../env.ts'
import { CommandError, open } from './command.ts'
import { type Check, nothing, well } from './finding.ts'
import { urlHost } from './freePort.ts'

const PATIENCE_MS = 5_000
/** More than this, and tokens of others look as if they were of tomorrow. */
const TOLERANCE_MS = 30_000

/** What is looked at from outside: the server where clients reach it, and what it relies on. */
export function serverChecks(env: Env): Check[] {
  const { allowedDocuments } = env
  return [
    { name: 'Identity provider', look: () => identityProviderFinding(env) },
    ...(allowedDocuments ? [{ name: 'Documents', look: () => documentsFinding(allowedDocuments) }] : []),
    { name: 'Server', look: () => serverFinding(env) },
  ]
}

async function identityProviderFinding({ identityProvider }: Env) {
  if (!identityProvider) return nothing('no JWT_ISSUER: only API keys sign in')
  const { jwksUrl } = identityProvider
  const keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: PATIENCE_MS })
  await keys.reload().catch((error) => {
    throw new CommandError(
      `no keys at ${jwksUrl} (${causeOf(error)}). Its own configuration names the place, as jwks_uri. ` +
        `Type: curl ${identityProvider.issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`,
    )
  })
  const count = keys.jwks()?.keys.length ?? 0
  if (count === 0) throw new CommandError(`${jwksUrl} names no key: nobody can sign in.`)
  return well(`${count} ${count === 1 ? 'key' : 'keys'} at ${jwksUrl}`)
}

function documentsFinding(file: string) {
  try {
    AllowedDocuments.read(file)
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'no JSON object of texts'
    throw new CommandError(
      `${file} is not a JSON file of ids and documents (${why}). Make it anew: docs/recipes/codegen/README.md tells how.`,
    )
  }
  return well(`only those of ${file} run`)
}

async function serverFinding(env: Env) {
  if (!env.publicUrl && env.port === 0) return nothing('PORT=0 is any port, and no PUBLIC_URL says which')
  const url = env.publicUrl ?? `http://${urlHost(env.host)}:${env.port}`
  const response = await fetch(`${url}/health`, {
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((error) => {
    throw new CommandError(adviceOn(url, causeOf(error)))
  })
  await response.body?.cancel()
  const id = response.headers.get('x-latchkey-database')
  if (!id) {
    const what = response.status === 200 ? 'something' : `something (${response.status})`
    throw new CommandError(
      `${what} answers at ${url}, but it is no Latchkey. ` +
        (env.publicUrl
          ? 'Set PUBLIC_URL to where clients reach the server, or point the proxy at it.'
          : `Stop it, or type: PORT=${env.port + 1} npm start`),
    )
  }
  if (id !== (await idOf(env.databaseUrl))) {
    throw new CommandError(
      `a Latchkey answers at ${url}, but its database is another than ${env.databaseUrl}.`,
    )
  }
  const apart = Date.parse(response.headers.get('date') ?? '') - Date.now()
  if (Math.abs(apart) > TOLERANCE_MS) {
    throw new CommandError(
      `the clock at ${url} is ${Math.round(apart / 1000)} s from this one. Type, on both: timedatectl set-ntp true`,
    )
  }
  return well(`answers at ${url}, from this database`)
}

async function idOf(url: string): Promise<string | undefined> {
  if (!existsSync(databaseFile(url))) return undefined
  const database = open(url)
  try {
    return await databaseId(database)
  } finally {
    await database.close()
  }
}

const causeOf = (error: Error & { code?: string; cause?: { code?: string } }) =>
  error.cause?.code ?? error.code ?? error.name

function adviceOn(url: string, why: string): string {
  if (why === 'ECONNREFUSED') return `nothing answers at ${url}. Type: npm start`
  if (why === 'ENOTFOUND') return `nobody knows ${new URL(url).hostname}. Look at PUBLIC_URL, and at the DNS.`
  if (/CERT|SIGNED|TLS|SSL/.test(why)) {
    return `the certificate of ${url} is not good (${why}). Type: curl -v ${url}/health`
  }
  return `nothing answers at ${url} (${why}). Type: npm start, or look at the proxy: curl -v ${url}/health`
}

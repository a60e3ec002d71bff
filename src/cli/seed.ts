import { AlreadySeededError, defaultSeedSize, seed } from '#db/seed.ts'
import type { Env } from '../env.ts'
import { CommandError, openMigrated, optionsOf, print } from './command.ts'

/** `npm run seed -- [--organizations 50] [--invites 100000]`: fills the database, to measure and to look at. */
export async function seedDatabase(env: Env, args: string[]): Promise<number> {
  const options = optionsOf(args, ['organizations', 'invites'])
  const size = {
    organizations: count('organizations', options.organizations) ?? defaultSeedSize.organizations,
    invites: count('invites', options.invites) ?? defaultSeedSize.invites,
  }
  if (env.production) {
    throw new CommandError('The tokens of seeded rows are known to everybody: not with NODE_ENV=production.')
  }
  const database = await openMigrated(env.databaseUrl)
  const started = performance.now()
  try {
    const rows = await seed(database, size, progress())
    const seconds = (performance.now() - started) / 1000
    print(
      `${rows} rows in ${seconds.toFixed(1)} s, ${Math.round(rows / seconds)} a second. A key to the first organization:\n` +
        `  npm run key -- --organization "Organization 1 GmbH"`,
    )
  } catch (error) {
    if (!(error instanceof AlreadySeededError)) throw error
    throw new CommandError(
      `${error.message} Name another file: DATABASE_URL=file:data/seeded.db npm run seed`,
    )
  } finally {
    await database.close()
  }
  return 0
}

const MAX_COUNT = 10_000_000

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,8}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_COUNT) return Number(text)
  throw new CommandError(`--${name} must be a whole number from 1 to ${MAX_COUNT}.`)
}

/** One line that is rewritten; where that cannot be, a line for each quarter. */
function progress() {
  const { stderr } = process
  let told = 0
  return (rows: number, share: number) => {
    const line = `${Math.floor(share * 100)} %, ${rows} rows`
    if (stderr.isTTY) return void stderr.write(`\r${line}${share === 1 ? '\n' : ''}`)
    const quarter = Math.floor(share * 4)
    if (quarter === told) return
    told = quarter
    stderr.write(`${line}\n`)
  }
}

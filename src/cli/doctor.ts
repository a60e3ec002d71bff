import { type Env, EnvError } from '../env.ts'
import { CommandError, optionsOf, print } from './command.ts'
import { databaseChecks } from './doctorDatabase.ts'
import { mailCheck } from './doctorMail.ts'
import { serverChecks } from './doctorServer.ts'
import { type Check, well } from './finding.ts'

/** `npm run doctor`: what a server needs, each looked at, and what to type where it is wrong. Changes nothing. */
export async function doctor(readEnv: () => Env, args: string[]): Promise<number> {
  optionsOf(args, [])
  const checks: Check[] = [{ name: 'Node', look: () => well(process.versions.node) }]
  try {
    const env = readEnv()
    checks.push({ name: 'Environment', look: () => well(env.production ? 'production' : 'development') })
    checks.push(...databaseChecks(env), mailCheck(env), ...serverChecks(env))
  } catch (error) {
    if (!(error instanceof EnvError)) throw error
    const look = () => {
      throw new CommandError(`${error.message}\nMend it, and ask the doctor again: the rest depends on it.`)
    }
    checks.push({ name: 'Environment', look })
  }

  let ill = 0
  for (const { name, look } of checks) {
    const { mark, told } = await findingOf(look)
    if (mark === '✗') ill++
    print(`${mark} ${name.padEnd(17)} ${told.replaceAll('\n', `\n${' '.repeat(20)}`)}`)
  }
  print(ill === 0 ? 'All is well.' : `${ill} of ${checks.length} checks failed.`)
  return ill === 0 ? 0 : 1
}

async function findingOf(look: Check['look']): Promise<{ mark: string; told: string }> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof CommandError) return { mark: '✗', told: error.message }
    return { mark: '✗', told: `could not be checked: ${error instanceof Error ? error.message : error}` }
  }
}

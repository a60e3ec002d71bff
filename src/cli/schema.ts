import { writeFile } from 'node:fs/promises'
import { printedSchema } from '#schema/schema.ts'
import type { Env } from '../env.ts'
import { optionsOf, print } from './command.ts'

/** `npm run schema`: writes `schema.graphql` as the code has it. */
export async function writeSchema(_env: Env, args: string[]): Promise<number> {
  optionsOf(args, [])
  await writeFile('schema.graphql', printedSchema())
  print('schema.graphql is current.')
  return 0
}

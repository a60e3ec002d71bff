import { cp, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type Running, repository, run, temporaryFolder } from '../cli/processes.ts'
import type { startServer } from '../kit/server.ts'

const generated = /__generated__|graphql-env\.d\.ts$/

/** The recipes and what they need, as in a fresh clone after an install: nothing is generated yet. */
export async function checkout(): Promise<string> {
  const folder = await temporaryFolder()
  for (const name of ['.npmrc', 'package.json', 'schema.graphql', 'tsconfig.json', 'docs']) {
    await cp(join(repository, name), join(folder, name), {
      recursive: true,
      filter: (path) => !generated.test(path),
    })
  }
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** What a page says to type. */
export async function commandsOf(name: string): Promise<string[]> {
  const page = await readFile(join(repository, 'docs/recipes', name, 'README.md'), 'utf8')
  const [, block = ''] = /^```sh\n(.*?)^```$/ms.exec(page) ?? []
  return block.split('\n').filter(Boolean)
}

type Server = Pick<Awaited<ReturnType<typeof startServer>>, 'url' | 'key'>

/** Types what the page says, against this server. */
export async function follow(
  folder: string,
  name: string,
  { url, key }: Server,
  more = {},
): Promise<Running> {
  const commands = await commandsOf(name)
  // What is typed once, with what this server printed.
  const typed = commands.filter((command) => !command.startsWith('export '))
  return run('bash', ['-ec', typed.join('\n')], folder, { LATCHKEY_URL: url, LATCHKEY_KEY: key, ...more })
}

/** The numbers of the events that were printed, in their order. */
export const printedEvents = ({ stdout }: Running, pattern = /^event (\d+): /gm) =>
  [...stdout.matchAll(pattern)].map(([, sequence]) => Number(sequence))

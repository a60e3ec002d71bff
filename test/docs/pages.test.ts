import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from '../cli/processes.ts'

const folder = join(repository, 'docs/recipes')
const entries = await readdir(folder, { withFileTypes: true })
const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)

/** The page with every quoted file as it is: a fence that names a file holds that file. */
async function quoted(name: string): Promise<string> {
  const page = await readFile(join(folder, name, 'README.md'), 'utf8')
  const files = [...page.matchAll(/^```\w+ (\S+)$/gm)].map(([, file = '']) => file)
  const texts = new Map<string, string>()
  for (const file of files) texts.set(file, await readFile(join(folder, name, file), 'utf8'))
  return page.replace(/^(```\w+ (\S+)\n).*?^```$/gms, (_, fence, file) => `${fence}${texts.get(file)}\`\`\``)
}

// Where it fails, `npx vitest run --config test/vitest.config.ts test/docs/pages.test.ts -u` writes the page anew.
test.each(names)('%s: the page shows the files as they are', async (name) => {
  await expect(await quoted(name)).toMatchFileSnapshot(join(folder, name, 'README.md'))
})

test.each(names)('%s: every file beside the page is shown on it', async (name) => {
  const page = await readFile(join(folder, name, 'README.md'), 'utf8')
  const shown = [...page.matchAll(/^```\w+ (\S+)$/gm)].map(([, file]) => file)
  const files = await readdir(join(folder, name), { withFileTypes: true })
  const sources = files.filter((file) => file.isFile() && !/^README|graphql-env/.test(file.name))
  expect(shown.sort()).toEqual(sources.map((file) => file.name).sort())
})

test('the README links every recipe, and every link of a page leads somewhere', async () => {
  const readme = await readFile(join(repository, 'README.md'), 'utf8')
  for (const name of names) {
    expect(readme).toContain(`(docs/recipes/${name}/README.md)`)
    const page = await readFile(join(folder, name, 'README.md'), 'utf8')
    for (const [, target = ''] of page.matchAll(/\]\((?!http)([^)#]+)\)/g)) {
      await readFile(join(folder, name, target))
    }
  }
})

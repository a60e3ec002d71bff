import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emptyCheckout, finished, run } from './processes.ts'

const migrate = (checkout: string) => finished(run(process.execPath, ['src/start.js', 'migrate'], checkout))

/** The files that are kept, with when each was written. */
async function kept(checkout: string) {
  const folder = join(checkout, 'node_modules/.cache/latchkey')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  return Promise.all(files.sort().map(async (file) => [file, (await stat(file)).mtimeMs]))
}

test('what was compiled at one start is used at the next; what has changed is compiled anew', async () => {
  const checkout = await emptyCheckout()
  expect(await migrate(checkout)).toMatchObject({ code: 0, stderr: '' })
  const first = await kept(checkout)
  expect(first.length).toBeGreaterThan(100)

  expect(await migrate(checkout)).toMatchObject({ code: 0, stderr: '' })
  expect(await kept(checkout)).toEqual(first)

  await writeFile(join(checkout, 'src/cli/migrate.ts'), 'export const migrateDatabase = async () => 3\n')
  expect(await migrate(checkout)).toMatchObject({ code: 3 })
  expect(await kept(checkout)).not.toEqual(first)
})

test('where nothing can be kept it starts all the same', async () => {
  const checkout = await emptyCheckout()
  await writeFile(join(checkout, 'node_modules/.cache'), 'not a folder')

  expect(await migrate(checkout)).toMatchObject({ code: 0, stderr: '' })
})

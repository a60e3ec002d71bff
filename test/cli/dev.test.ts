import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emptyCheckout, run, unusedPort } from './processes.ts'

test('npm run dev starts anew on a change and ends on Ctrl-C', async () => {
  const checkout = await emptyCheckout()
  const port = await unusedPort()
  const { scripts } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8'))
  const [, ...args] = scripts.dev.split(' ')
  const watching = run(process.execPath, args, checkout, { PORT: String(port) })
  await watching.printed(/Watch what happens/)

  const page = join(checkout, 'src/cli/welcome.ts')
  await writeFile(page, (await readFile(page, 'utf8')).replace("'Latchkey'", "'Latchkey, changed'"))
  await watching.printed(/Latchkey, changed[\s\S]*Watch what happens/)
  expect((await fetch(`http://127.0.0.1:${port}/ready`)).status).toBe(200)

  watching.signal('SIGINT')
  expect(await watching.ended).toBe(0)
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow('fetch failed')
  expect(watching.stderr).not.toContain('taken')
})

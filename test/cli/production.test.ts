import { expect, test } from 'vitest'
import { finished, latchkey, post, temporaryFolder } from './processes.ts'

const KEY = /lk_key_[\w-]{43}/

test('production: one line of JSON, no demo, and the demo keys of a development start have ended', async () => {
  const folder = await temporaryFolder()
  const development = latchkey(folder, [], { PORT: '0' })
  const [demoKey] = await development.printed(KEY)
  await development.printed(/wscat .*\n/)
  development.signal('SIGTERM')
  await development.ended
  const made = await finished(latchkey(folder, ['key', '--organization', 'Demo Organization']))
  const { apiKey } = JSON.parse(made.stdout)

  const mail = { SMTP_URL: 'smtps://user:hunter2@127.0.0.1:9', MAIL_FROM: 'no-reply@example.com' }
  const server = latchkey(folder, [], { PORT: '0', NODE_ENV: 'production', ...mail })
  const [line] = await server.printed(/^.*\n/)
  const { port, msg } = JSON.parse(line)
  const url = `http://127.0.0.1:${port}`
  expect(msg).toBe('Latchkey is listening')
  expect(server.stdout).toBe(line)

  expect((await post(url, '{ organization { id } }', demoKey)).status).toBe(401)
  expect((await post(url, '{ organization { name } }', apiKey)).data.organization.name).toBe(
    'Demo Organization',
  )
  expect((await post(url, '{ __schema { queryType { name } } }')).data?.__schema).toBeUndefined()
  const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } })
  expect(page.headers.get('content-type') ?? '').not.toContain('html')
  server.signal('SIGTERM')
  expect(await server.ended).toBe(0)
})

test('production on an empty database has nothing in it', async () => {
  const folder = await temporaryFolder()
  const server = latchkey(folder, [], { PORT: '0', NODE_ENV: 'production' })
  const { port } = JSON.parse((await server.printed(/^.*\n/))[0])
  const made = await finished(latchkey(folder, ['key', '--organization', 'Demo Organization']))

  const { data } = await post(
    `http://127.0.0.1:${port}`,
    '{ organization { integrations { totalCount } } }',
    JSON.parse(made.stdout).apiKey,
  )

  expect(data.organization.integrations.totalCount).toBe(0)
})

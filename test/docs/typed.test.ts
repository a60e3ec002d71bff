import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { finished, post, repository, run, unusedPort } from '../cli/processes.ts'
import { startServer } from '../kit/server.ts'
import { house } from '../kit/story.ts'
import { checkout, commandsOf, follow } from './recipe.ts'

const sh = (folder: string, command = '', env = {}) => run('bash', ['-c', command], folder, env)

test('gql.tada: makes an invite with typed operations', async () => {
  const server = await startServer()
  const acme = await house(server)

  const ended = await finished(await follow(await checkout(), 'gql-tada', { url: server.url, key: acme.key }))

  expect(ended).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^Typed is PENDING: .*\/invite\/lk_invite_[\w-]+\n$/),
    stderr: '',
  })
})

const wrong = `
import { graphql } from './gql-tada/graphql.ts'
import { ask, CreateInvite } from './gql-tada/invites.ts'
import type { InvitesQuery } from './codegen/__generated__/graphql.ts'
import type { invitesPageQuery } from './relay/__generated__/invitesPageQuery.graphql.ts'

// @ts-expect-error: maxUses is a number.
await ask(CreateInvite, { input: { integrationId: '', portalIds: [], maxUses: 'many' } })
// @ts-expect-error: a text, not a number.
;(await ask(graphql('{ organization { createdAt } }'), {})).organization?.createdAt satisfies number | undefined
// @ts-expect-error: the organization may be null.
export const name = (data: InvitesQuery) => data.organization.name
// @ts-expect-error: it needs an id.
export const page: invitesPageQuery['variables'] = { count: 3 }
`

test('codegen, relay-compiler and gql.tada type every recipe by schema.graphql as it is', async () => {
  const folder = await checkout()
  const [generate = '', start] = await commandsOf('codegen')
  const tada = 'node docs/recipes/gql-tada/introspect.ts'
  const relay = '(cd docs/recipes/relay && npx relay-compiler)'
  const made = await finished(sh(folder, [generate, tada, relay].join(' && ')))
  expect(made.code, made.stderr).toBe(0)

  await writeFile(join(folder, 'docs/recipes/wrong.ts'), wrong)
  expect(await finished(sh(folder, 'node_modules/.bin/tsc -p docs/recipes'))).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  })

  // A server that runs the persisted documents and no others.
  for (const name of ['src', 'db']) {
    await cp(join(repository, name), join(folder, name), { recursive: true })
  }
  const port = await unusedPort()
  const server = sh(folder, start, { PORT: String(port) })
  const [key] = await server.printed(/lk_key_[\w-]{43}/)
  const url = `http://127.0.0.1:${port}`
  await server.printed(/wscat/)
  const { code, stdout, stderr } = await finished(
    sh(folder, 'node docs/recipes/codegen/invites.ts', { LATCHKEY_URL: url, LATCHKEY_KEY: key }),
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^Visitors of Headquarters: PENDING until .*Z, 50 uses left$/m)
  expect((await post(url, '{ organization { name } }', key)).status).toBe(400)
})

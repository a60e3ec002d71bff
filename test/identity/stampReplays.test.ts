import { expect, test } from 'vitest'
import { dump } from '../kit/dump.ts'
import { createStamper } from '../kit/stamper.ts'
import { CREATE_INVITE, invite } from '../kit/story.ts'
import { answerOf, CREATE_KEY } from './people.ts'
import { signer } from './signer.ts'

const REVOKE =
  'mutation ($input: RevokeInviteInput!) { revokeInvite(input: $input) { __typename ... on UserError { code } ... on RevokeInvitePayload { invite { id } } } }'

test('the same signed body again answers with the first result, and changes nothing', async () => {
  const { server, acme, sign, bodyOf } = await signer()
  const { id } = await invite(acme)
  const { publicKey, stamp } = createStamper()
  const publicKeyStamp = await stamp(acme.id)
  const wishes: [string, string, object][] = [
    ['createInvite', CREATE_INVITE, { integrationId: acme.integrationId, portalIds: acme.portalIds }],
    ['revokeInvite', REVOKE, { id }],
    ['createApiKey', CREATE_KEY, { name: 'CI', role: 'ORG_VIEWER' }],
    ['createApiKey', CREATE_KEY, { name: 'Named', role: 'ORG_VIEWER', idempotencyKey: 'once' }],
    ['createApiKey', CREATE_KEY, { name: 'Public', role: 'ORG_VIEWER', publicKey, publicKeyStamp }],
  ]
  for (const [field, query, input] of wishes) {
    const body = bodyOf(query, { input })
    const { [field]: first } = (await sign(body)).data
    expect(first.__typename).toMatch(/Payload$/)
    const before = await changes(server)
    for (let i = 0; i < 2; i++) {
      const { [field]: again } = (await sign(body)).data
      const secrets = {
        ...('secret' in first && { secret: null }),
        ...('token' in first && { token: null, inviteUrl: null }),
      }
      expect(again).toEqual({ ...first, ...secrets, ...('replayed' in first && { replayed: true }) })
    }
    expect(await changes(server)).toEqual(before)
    // A body of its own is an act of its own.
    const anew = await sign(bodyOf(query, { input }, 1000))
    if (field === 'createInvite') expect(anew.data.createInvite).toMatchObject({ replayed: false })
  }
})

test('sent many times at once, a signed body is done once', async () => {
  const { server, acme, sign, bodyOf } = await signer()
  const input = { integrationId: acme.integrationId, portalIds: acme.portalIds }
  const body = bodyOf(CREATE_INVITE, { input })
  const answers = await Promise.all(Array.from({ length: 10 }, () => sign(body)))
  expect(answers.filter(({ data }) => data.createInvite.token !== null)).toHaveLength(1)
  expect(await server.store.db.selectFrom('invites').select('id').execute()).toHaveLength(1)
})

test('what was refused stays refused: a body that was kept is not tried at a better time', async () => {
  const { server, acme, sign, bodyOf } = await signer()
  const input = { integrationId: acme.integrationId, name: 'Cellar' }
  const create = 'mutation ($input: CreatePortalInput!) { createPortal(input: $input) { __typename } }'
  await answerOf(server, create, input, { key: acme.key })
  const body = bodyOf(create, { input })
  expect((await sign(body)).data.createPortal.__typename).toBe('ConflictError')
  await server.store.write((tx) => tx.db.deleteFrom('portals').where('name', '=', 'Cellar').execute())
  const before = await changes(server)
  expect(await sign(body)).toMatchObject({ data: null, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
  expect(await changes(server)).toEqual(before)
  expect((await sign(bodyOf(create, { input }, 1000))).data.createPortal.__typename).toBe(
    'CreatePortalPayload',
  )
})

test('one body may wish for the same thing twice, and gets it twice, once', async () => {
  const { acme, sign, bodyOf } = await signer()
  const input = { integrationId: acme.integrationId, portalIds: acme.portalIds }
  const query = `mutation ($input: CreateInviteInput!) { a: createInvite(input: $input) { ...I } b: createInvite(input: $input) { ...I } }
    fragment I on CreateInvitePayload { token invite { id } }`
  const body = bodyOf(query, { input })
  const { data } = await sign(body)
  expect(data.a.invite.id).not.toBe(data.b.invite.id)
  const { a, b } = (await sign(body)).data
  expect([a, b]).toEqual([
    { token: null, invite: data.a.invite },
    { token: null, invite: data.b.invite },
  ])
})

/** Everything but when keys were last used. */
async function changes(server: Parameters<typeof dump>[0]) {
  const { api_keys, ...rows } = await dump(server)
  return { ...rows, keys: api_keys?.map((key) => ({ ...(key as object), last_used_at: 0 })) }
}

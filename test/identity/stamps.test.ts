import { expect, test } from 'vitest'
import { insertPublicKey } from '#domain/apiKey.ts'
import { EVENTS } from '../kit/events.ts'
import { createStamper } from '../kit/stamper.ts'
import { CREATE_INVITE, house, invite } from '../kit/story.ts'
import { ask, socketClient } from '../kit/subscriber.ts'
import { HOUR } from '../kit/time.ts'
import { answerOf, REVOKE_KEY } from './people.ts'
import { signer } from './signer.ts'

const WHO = '{ viewer { role actor { ... on ApiKey { publicKey } } } }'

test('a request that is signed is the key’s, for queries and streams too', async () => {
  const { sign, bodyOf, stamper, acme, server } = await signer()
  expect(await sign(bodyOf(WHO))).toEqual({
    status: 200,
    data: { viewer: { role: 'ORG_ADMIN', actor: { publicKey: stamper.publicKey } } },
  })
  const { data } = await sign(bodyOf('{ organization { id } }'), { 'requester-organization-id': acme.id })
  expect(data.organization.id).toBe(acme.id)
  const created = bodyOf(CREATE_INVITE, {
    input: { integrationId: acme.integrationId, portalIds: acme.portalIds },
  })
  expect((await sign(created)).data.createInvite).toMatchObject({
    token: expect.stringMatching(/^lk_invite_/),
    replayed: false,
  })
  const made = server.store.db.selectFrom('activities').select('id').where('type', '=', 'CREATE_INVITE')
  expect(await made.execute()).toHaveLength(1)
})

test('a body that is not the signed one, to the byte, is refused', async () => {
  const { send, bodyOf, stamper, code } = await signer()
  const body = bodyOf(WHO)
  const headers = await stamper.headers(body)
  for (const changed of [
    `${body} `,
    `${body}\n`,
    body.replace('{', '{ '),
    bodyOf('{ __typename }'),
    body.replace('viewer', 'Viewer'),
  ]) {
    expect(['UNAUTHENTICATED', 'BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED']).toContain(
      await code(send(changed, headers)),
    )
  }
  expect((await send(body, headers)).status).toBe(200)
  expect((await send(`${body} `, headers)).status).toBe(401)
})

test('a stamp is alive for an hour, and says when it was made', async () => {
  const { sign, bodyOf, code } = await signer()
  expect((await sign(bodyOf(WHO, {}, HOUR - 60_000))).status).toBe(200)
  expect((await sign(bodyOf(WHO, {}, -4 * 60_000))).status).toBe(200)
  expect(await code(sign(bodyOf(WHO, {}, HOUR)))).toBe('UNAUTHENTICATED')
  expect(await code(sign(bodyOf(WHO, {}, -6 * 60_000)))).toBe('UNAUTHENTICATED')
  for (const extensions of [
    undefined,
    {},
    { timestampMs: Date.now() },
    { timestampMs: '' },
    { timestampMs: null },
  ]) {
    expect(await code(sign(JSON.stringify({ query: WHO, extensions })))).toBe('BAD_USER_INPUT')
  }
})

test('a key that is not registered, revoked or another’s does not sign', async () => {
  const { send, sign, bodyOf, code, server, acme, keyId, stamper } = await signer()
  const body = bodyOf(WHO)
  const stranger = createStamper()
  expect(await code(send(body, await stranger.headers(body)))).toBe('UNAUTHENTICATED')
  const { signature } = JSON.parse(Buffer.from(await stranger.stamp(body), 'base64url').toString())
  const scheme = 'SIGNATURE_SCHEME_TK_API_P256'
  const forged = JSON.stringify({ publicKey: stamper.publicKey, scheme, signature })
  expect(await code(send(body, { 'x-stamp': Buffer.from(forged).toString('base64url') }))).toBe(
    'UNAUTHENTICATED',
  )
  // Naming a key is no use of it.
  const { last_used_at } = await server.store.db
    .selectFrom('api_keys')
    .select('last_used_at')
    .where('id', '=', keyId)
    .executeTakeFirstOrThrow()
  expect(last_used_at).toBeNull()
  expect((await sign(body)).status).toBe(200)
  await answerOf(server, REVOKE_KEY, { id: keyId }, { key: acme.key })
  expect(await code(sign(body))).toBe('UNAUTHENTICATED')
  const expired = createStamper()
  await server.store.write((tx) =>
    insertPublicKey(
      tx,
      { organizationId: acme.id, role: 'ORG_ADMIN', expiresAt: tx.now - 1 },
      expired.publicKey,
    ),
  )
  expect(await code(send(body, await expired.headers(body)))).toBe('UNAUTHENTICATED')
})

test('a stamp goes with no other credential, and nowhere but home', async () => {
  const { sign, bodyOf, code, server, acme } = await signer()
  const other = await house(server, 'Other')
  expect(await code(sign(bodyOf(WHO), { authorization: `Bearer ${acme.key}` }))).toBe('BAD_USER_INPUT')
  for (const name of ['target-organization-id', 'x-org', 'requester-organization-id']) {
    expect(await code(sign(bodyOf(WHO), { [name]: other.id }))).toBe('FORBIDDEN')
    expect((await sign(bodyOf(WHO), { [name]: acme.id })).status).toBe(200)
  }
  expect(await code(sign('{"query":"{ viewer { role } }"'))).toBe('BAD_REQUEST')
})

test('a stamp is nothing over WebSocket, wherever it stands', async () => {
  const { server, stamper, bodyOf } = await signer()
  const headers = await stamper.headers(bodyOf(WHO))
  for (const options of [{ init: headers }, { headers }]) {
    const { client, closed } = socketClient(server, options)
    await ask(client, { query: WHO }).catch(() => {})
    expect(await closed).toMatchObject({ code: 4401, reason: expect.stringContaining('body of a POST') })
  }
  const { client } = socketClient(server)
  const failed = ask(client, { query: WHO, extensions: { headers } })
  await expect(failed).rejects.toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
})

test('a signed stream is followed as any other', async () => {
  const { server, stamper, bodyOf, acme } = await signer()
  const body = bodyOf(EVENTS)
  const leaving = new AbortController()
  const response = await fetch(`${server.url}/graphql`, {
    ...{ method: 'POST', body, signal: leaving.signal },
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(await stamper.headers(body)),
    },
  })
  await invite(acme)
  let text = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    if (text.includes('"CREATED"')) break
  }
  expect(text).toContain('event: next')
  leaving.abort()
})
